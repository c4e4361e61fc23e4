namespace Ambry.S3.Auth;

/// <summary>An access key with its secret and its owner. Immutable; the secret never shows in text.</summary>
public sealed class S3Credential
{
    private readonly byte[] _secret;

    /// <param name="secret">The secret access key in UTF-8; copied.</param>
    public S3Credential(string accessKey, ReadOnlySpan<byte> secret, string ownerId, string displayName)
    {
        ArgumentException.ThrowIfNullOrEmpty(accessKey);
        AccessKey = accessKey;
        _secret = secret.ToArray();
        OwnerId = ownerId;
        DisplayName = displayName;
    }

    public string AccessKey { get; }

    /// <summary>The canonical user id, as in Owner elements.</summary>
    public string OwnerId { get; }

    public string DisplayName { get; }

    /// <summary>The token that every request with this key must carry; null for a long-lived key, which must carry none.</summary>
    public string? SessionToken { get; init; }

    /// <summary>The secret in UTF-8. Only signing reads it.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    public override string ToString() => $"{nameof(S3Credential)} {AccessKey}";
}
