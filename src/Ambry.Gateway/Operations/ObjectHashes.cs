using System.Security.Cryptography;
using Ambry.Objects;
using Ambry.S3.Checksums;

namespace Ambry.Gateway.Operations;

/// <summary>MD5 and perhaps one checksum over stored bytes as they pass. Not thread safe.</summary>
internal sealed class ObjectHashes : IDisposable
{
    private readonly IncrementalHash _md5;
    private readonly ChecksumHasher? _checksum;

    public ObjectHashes(ChecksumAlgorithm? algorithm)
    {
#pragma warning disable CA5351 // The ETag of the protocol is MD5; nothing is secured by it.
        _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351 // As above.
        _checksum = algorithm is { } known ? new ChecksumHasher(known) : null;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _md5.AppendData(bytes);
        _checksum?.Append(bytes);
    }

    public ContentDigest Digest() => new(
        Convert.ToHexStringLower(_md5.GetCurrentHash()),
        _checksum is null ? [] : [Checksums.ToStored(_checksum.GetCurrentValue())]);

    public void Dispose()
    {
        _md5.Dispose();
        _checksum?.Dispose();
    }
}
