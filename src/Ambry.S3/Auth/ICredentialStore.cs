namespace Ambry.S3.Auth;

/// <summary>Finds access keys. Called for every request, from any thread: answers from memory.</summary>
public interface ICredentialStore
{
    /// <summary>Null when there is no such key, or it is disabled.</summary>
    S3Credential? Find(string accessKey);
}
