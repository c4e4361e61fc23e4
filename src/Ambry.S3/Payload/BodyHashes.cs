using System.Security.Cryptography;
using Ambry.S3.Checksums;

namespace Ambry.S3.Payload;

/// <summary>
/// Every digest of a body in one pass, and at the end the comparison with what the head promised. Not thread safe; allocates
/// nothing per block.
/// </summary>
internal sealed class BodyHashes : IDisposable
{
    public const int Md5SizeBytes = 16;

    private readonly BodyHead _head;
    private readonly IncrementalHash _md5;
    private readonly List<ChecksumHasher> _checksums = [];

    // The payload's signed hash; one of the list when that is a SHA-256 as well, so that nothing is hashed twice.
    private readonly ChecksumHasher? _sha256;
    private readonly bool _isSha256Own;

    public BodyHashes(BodyHead head, BodyRules rules)
    {
        _head = head;
#pragma warning disable CA5351 // ETag and Content-MD5 are MD5 by protocol; nothing is secured by it.
        _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351 // As above.
        if (head.Algorithm is { } algorithm)
        {
            _checksums.Add(new ChecksumHasher(algorithm));
        }

        foreach (var extra in rules.ExtraAlgorithms)
        {
            if (!_checksums.Exists(hasher => hasher.Algorithm == extra))
            {
                _checksums.Add(new ChecksumHasher(extra));
            }
        }

        if (head.Sha256Hex is not null)
        {
            _sha256 = _checksums.Find(hasher => hasher.Algorithm == ChecksumAlgorithm.Sha256);
            _isSha256Own = _sha256 is null;
            _sha256 ??= new ChecksumHasher(ChecksumAlgorithm.Sha256);
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _md5.AppendData(bytes);
        foreach (var hasher in _checksums)
        {
            hasher.Append(bytes);
        }

        if (_isSha256Own)
        {
            _sha256!.Append(bytes);
        }
    }

    /// <summary>Compares all, the most telling first.</summary>
    public BodyDigest Finish(long lengthBytes, string? trailingChecksum)
    {
        CheckSha256();
        var md5 = _md5.GetCurrentHash();
        var md5Base64 = Convert.ToBase64String(md5);
        if (_head.Md5Base64 is not null && _head.Md5Base64 != md5Base64)
        {
            throw BodyErrors.Md5Mismatch(_head.Md5Base64, md5Base64);
        }

        var values = _checksums.ConvertAll(hasher => hasher.GetCurrentValue());
        var expected = _head.HasTrailingChecksum
            ? trailingChecksum ?? throw BodyErrors.MalformedTrailer()
            : _head.ChecksumBase64;
        if (expected is not null && expected != values[0].Base64)
        {
            throw BodyErrors.ChecksumMismatch(values[0].Algorithm);
        }

        return new BodyDigest(lengthBytes, md5, _head.Algorithm, values);
    }

    public void Dispose()
    {
        _md5.Dispose();
        _checksums.ForEach(hasher => hasher.Dispose());
        _sha256?.Dispose();
    }

    private void CheckSha256()
    {
        if (_sha256 is null)
        {
            return;
        }

        Span<byte> digest = stackalloc byte[ChecksumAlgorithms.DigestSizeMaxBytes];
        var computed = Convert.ToHexStringLower(digest[.._sha256.GetCurrent(digest)]);
        if (!string.Equals(computed, _head.Sha256Hex, StringComparison.OrdinalIgnoreCase))
        {
            throw BodyErrors.Sha256Mismatch(_head.Sha256Hex!, computed);
        }
    }
}
