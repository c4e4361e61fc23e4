namespace Ambry.Host;

/// <summary>The process cannot start, for a reason that an operator can mend: one line, no stack.</summary>
internal sealed class StartupException : Exception
{
    public StartupException(string message)
        : base(message)
    {
    }

    public StartupException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
