using System.Security.Cryptography;
using System.Text;

namespace Ambry.S3.Auth;

/// <summary>
/// Derives the key of an access key's day, and keeps the recent ones: four HMACs less a request. Thread safe, guarded by
/// <c>_gate</c>; holds at most as many keys as it was told, and forgets all when full.
/// </summary>
internal sealed class SigningKeys(string region, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string AccessKey, string Date), (S3Credential Credential, byte[] Key)> _keys = [];

    public byte[] Get(S3Credential credential, string date)
    {
        lock (_gate)
        {
            if (_keys.TryGetValue((credential.AccessKey, date), out var known) && HasSameSecret(known.Credential, credential))
            {
                return known.Key;
            }
        }

        var key = Derive(credential.Secret, date, region);
        lock (_gate)
        {
            if (_keys.Count >= capacity)
            {
                _keys.Clear();
            }

            _keys[(credential.AccessKey, date)] = (credential, key);
        }

        return key;
    }

    public static byte[] Derive(ReadOnlySpan<byte> secret, string date, string region)
    {
        byte[] first = [.. "AWS4"u8, .. secret];
        var key = HMACSHA256.HashData(first, Encoding.UTF8.GetBytes(date));
        CryptographicOperations.ZeroMemory(first);
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, "s3"u8);
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }

    public static string Sign(byte[] key, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));

    /// <summary>In constant time; a text of another length is no match.</summary>
    public static bool AreEqual(string expected, string provided) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(provided));

    // A changed secret under the same access key must not be answered from the cache.
    private static bool HasSameSecret(S3Credential a, S3Credential b) =>
        ReferenceEquals(a, b) || CryptographicOperations.FixedTimeEquals(a.Secret, b.Secret);
}
