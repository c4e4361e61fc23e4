namespace Ambry.Metadata.Engine;

/// <summary>
/// A shard's files are lost or damaged and the log does not reach back far enough to rebuild them: restore the shard
/// from a snapshot or a peer. The files are left as they are.
/// </summary>
internal sealed class MappingLostException : IOException
{
    public MappingLostException(string message)
        : base(message)
    {
    }

    public MappingLostException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
