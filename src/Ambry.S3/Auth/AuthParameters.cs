using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>
/// The parameters of a URL that concern signatures, decoded. Names compare without case; a repeated one is a fault.
/// </summary>
internal sealed class AuthParameters
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    public AuthParameters(S3Request request)
    {
        var target = request.Target.AsSpan();
        var question = target.IndexOf('?');
        if (question < 0)
        {
            return;
        }

        var query = target[(question + 1)..];
        foreach (var range in query.Split('&'))
        {
            Read(query[range]);
        }
    }

    public bool IsPresigned => _values.ContainsKey("X-Amz-Algorithm") || _values.ContainsKey("X-Amz-Credential")
        || _values.ContainsKey("X-Amz-Signature");

    /// <summary>Whether the URL is signed as before version 4.</summary>
    public bool IsOldSigned => _values.ContainsKey(OldPresignedQuery.AccessKeyName)
        && _values.ContainsKey(OldPresignedQuery.SignatureName);

    public string? RepeatedName { get; private set; }

    public string? this[string name] => _values.GetValueOrDefault(name);

    private void Read(ReadOnlySpan<char> piece)
    {
        var equals = piece.IndexOf('=');
        var name = equals < 0 ? piece : piece[..equals];
        var isOld = name is OldPresignedQuery.AccessKeyName or OldPresignedQuery.SignatureName
            or OldPresignedQuery.ExpiresName;
        if (!isOld && !name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var value = equals < 0 ? "" : Uri.UnescapeDataString(piece[(equals + 1)..]);
        if (!_values.TryAdd(name.ToString(), value))
        {
            RepeatedName ??= name.ToString();
        }
    }
}
