namespace Ambry.Log;

/// <summary>A call to a disk failed in a way that tells what is wrong with it.</summary>
public class DiskException : IOException
{
    public DiskException(DiskFault fault, string message, Exception? inner)
        : base(message, inner)
    {
        Fault = fault;
    }

    public DiskFault Fault { get; }

    /// <summary>The fault behind an exception, looked for through its causes.</summary>
    public static DiskFault FaultOf(Exception? exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DiskException known)
            {
                return known.Fault;
            }
        }

        return DiskFault.None;
    }
}
