namespace Ambry.Store.Index;

/// <summary>An index file contradicts its checksums or itself. The log can make it anew.</summary>
internal sealed class IndexDamageException(string message) : IOException(message);
