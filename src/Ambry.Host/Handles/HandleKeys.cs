using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ambry.Host.Handles;

/// <summary>
/// The secrets of the handle API: one for each purpose, all from the configured key, so that nothing signed for one
/// purpose means anything for another. Compares in constant time. Immutable.
/// </summary>
internal sealed class HandleKeys
{
    public const int SignatureBytes = SHA256.HashSizeInBytes;

    private readonly byte[]? _bearerHash;
    private readonly byte[] _urlKey;
    private readonly byte[] _chunkKey;

    /// <param name="key">Null makes keys that end with this object, and asks nobody for a bearer.</param>
    public HandleKeys(string? key)
    {
        byte[] secret = key is null
            ? RandomNumberGenerator.GetBytes(HandleOptionsRules.KeyBytesMin)
            : Encoding.UTF8.GetBytes(key);
        _bearerHash = key is null ? null : SHA256.HashData(secret);
        _urlKey = HMACSHA256.HashData(secret, "ambry handle signed url 1"u8);
        _chunkKey = HMACSHA256.HashData(secret, "ambry handle signed chunk 1"u8);
        CryptographicOperations.ZeroMemory(secret);
    }

    public bool AsksForBearer => _bearerHash is not null;

    /// <param name="authorization">The whole header; null when there is none.</param>
    public bool IsBearer(string? authorization)
    {
        const string Scheme = "Bearer ";
        if (_bearerHash is null || authorization is null
            || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        byte[] shown = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim(' ')));
        return CryptographicOperations.FixedTimeEquals(shown, _bearerHash);
    }

    /// <summary>Signs a URL: what it allows, on what, with every field that is fixed in it.</summary>
    /// <param name="fields">In any order; each name once.</param>
    public byte[] SignUrl(string method, string path, IEnumerable<KeyValuePair<string, string>> fields)
    {
        var text = new ArrayBufferWriter<byte>(512);
        Append(text, method);
        Append(text, path);
        foreach (var field in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Append(text, field.Key);
            Append(text, field.Value);
        }

        return HMACSHA256.HashData(_urlKey, text.WrittenSpan);
    }

    public byte[] SignChunk(ReadOnlySpan<byte> chunk) => HMACSHA256.HashData(_chunkKey, chunk);

    /// <summary>With its length in front, so that no two lists of texts are signed alike.</summary>
    private static void Append(ArrayBufferWriter<byte> output, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> target = output.GetSpan(length + 4);
        BinaryPrimitives.WriteInt32LittleEndian(target, length);
        Encoding.UTF8.GetBytes(text, target[4..]);
        output.Advance(length + 4);
    }
}
