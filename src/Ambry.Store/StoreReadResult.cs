using System.Buffers;
using Ambry.Protocol;

namespace Ambry.Store;

/// <summary>
/// What a read found. Owns the content's pooled memory: dispose it once the bytes are used. The content was verified
/// against its stored checksums. Not thread safe.
/// </summary>
public sealed class StoreReadResult : IDisposable
{
    private IMemoryOwner<byte>? _owner;

    internal StoreReadResult(StoreError error)
    {
        Error = error;
    }

    internal StoreReadResult(
        BlobProperties properties,
        ReadOnlyMemory<byte> userMetadata,
        IMemoryOwner<byte>? owner,
        ReadOnlyMemory<byte> content)
    {
        Properties = properties;
        UserMetadata = userMetadata;
        Content = content;
        _owner = owner;
    }

    public StoreError Error { get; }

    /// <summary>Null when <see cref="Error"/> is set.</summary>
    public BlobProperties? Properties { get; }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> UserMetadata { get; private set; }

    /// <summary>The requested range; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    /// <summary>
    /// Gives the content's memory to the caller, who disposes it from now on; null when there is none.
    /// </summary>
    public IMemoryOwner<byte>? DetachOwner()
    {
        IMemoryOwner<byte>? owner = _owner;
        _owner = null;
        return owner;
    }

    public void Dispose()
    {
        Content = default;
        UserMetadata = default;
        _owner?.Dispose();
        _owner = null;
    }
}
