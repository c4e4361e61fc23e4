using System.Buffers;

namespace Ambry.Protocol;

/// <summary>
/// What a replica answered. Owns the content's memory: dispose it once the bytes are used. Content was verified against
/// its stored checksums before it got here. Not thread safe.
/// </summary>
public sealed class GetBlobResponse : IDisposable
{
    private IMemoryOwner<byte>? _owner;

    public GetBlobResponse(PeerError error)
    {
        Error = error;
    }

    public GetBlobResponse(
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

    public PeerError Error { get; }

    /// <summary>Null when <see cref="Error"/> is set.</summary>
    public BlobProperties? Properties { get; }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> UserMetadata { get; private set; }

    /// <summary>The requested range; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    public void Dispose()
    {
        Content = default;
        UserMetadata = default;
        _owner?.Dispose();
        _owner = null;
    }
}
