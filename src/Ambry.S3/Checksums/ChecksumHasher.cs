using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Ambry.S3.Checksums;

/// <summary>Computes one checksum over bytes as they pass. Not thread safe; allocates nothing per block.</summary>
public sealed class ChecksumHasher : IDisposable
{
    private readonly Crc32? _crc32;
    private readonly Crc64? _crc64;
    private readonly IncrementalHash? _hash;

    public ChecksumHasher(ChecksumAlgorithm algorithm)
    {
        Algorithm = algorithm;
        switch (algorithm)
        {
            case ChecksumAlgorithm.Crc32:
                _crc32 = new Crc32();
                break;
            case ChecksumAlgorithm.Crc32C:
                _crc32 = new Crc32(Crc32ParameterSet.Crc32C);
                break;
            case ChecksumAlgorithm.Crc64Nvme:
                _crc64 = new Crc64(Crc64ParameterSet.Nvme);
                break;
            case ChecksumAlgorithm.Sha1:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
                break;
            default:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                break;
        }
    }

    public ChecksumAlgorithm Algorithm { get; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_crc32 is not null)
        {
            _crc32.Append(bytes);
        }
        else if (_crc64 is not null)
        {
            _crc64.Append(bytes);
        }
        else
        {
            _hash!.AppendData(bytes);
        }
    }

    /// <summary>Writes the digest so far, most significant byte first, and returns its size; more bytes may follow.</summary>
    public int GetCurrent(Span<byte> digest)
    {
        if (_crc32 is not null)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest, _crc32.GetCurrentHashAsUInt32());
            return sizeof(uint);
        }

        if (_crc64 is not null)
        {
            BinaryPrimitives.WriteUInt64BigEndian(digest, _crc64.GetCurrentHashAsUInt64());
            return sizeof(ulong);
        }

        return _hash!.GetCurrentHash(digest);
    }

    /// <summary>As <see cref="GetCurrent"/>, and begins again with nothing.</summary>
    public int GetCurrentAndReset(Span<byte> digest)
    {
        if (_hash is not null)
        {
            return _hash.GetHashAndReset(digest);
        }

        var size = GetCurrent(digest);
        _crc32?.Reset();
        _crc64?.Reset();
        return size;
    }

    /// <summary>The digest so far as S3 writes it.</summary>
    public ChecksumValue GetCurrentValue()
    {
        Span<byte> digest = stackalloc byte[ChecksumAlgorithms.DigestSizeMaxBytes];
        var size = GetCurrent(digest);
        return new ChecksumValue(Algorithm, Convert.ToBase64String(digest[..size]));
    }

    public void Dispose() => _hash?.Dispose();
}
