namespace Ambry.Router;

/// <summary>The rest of a blob that is being read cannot be had: abort what was begun with it.</summary>
public sealed class BlobReadException(RouterError error, string message) : IOException(message)
{
    public RouterError Error { get; } = error;
}
