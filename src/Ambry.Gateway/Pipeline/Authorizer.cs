using Ambry.S3.Auth;
using Ambry.S3.Errors;

namespace Ambry.Gateway.Pipeline;

/// <summary>Who may do what: the root owner everything, anybody else nothing.</summary>
internal sealed class Authorizer(string ownerId)
{
    public void Check(S3Authentication authentication)
    {
        if (!string.Equals(authentication.Credential.OwnerId, ownerId, StringComparison.Ordinal))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }
    }
}
