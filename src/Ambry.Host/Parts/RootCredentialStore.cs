using System.Text;
using Ambry.S3.Auth;

namespace Ambry.Host.Parts;

/// <summary>The credentials of a store with one account. Immutable.</summary>
internal sealed class RootCredentialStore(RootCredentials root, string ownerId, string displayName) : ICredentialStore
{
    private readonly S3Credential _credential =
        new(root.AccessKey, Encoding.UTF8.GetBytes(root.SecretKey), ownerId, displayName);

    public S3Credential? Find(string accessKey) => accessKey == root.AccessKey ? _credential : null;
}
