using Ambry.S3.Errors;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// Who may do what: the root owner everything, anybody else nothing. All buckets are the root owner's, so a request
/// that expects another owner is refused whatever bucket it names.
/// </summary>
internal sealed class Authorizer(GatewayOptions options)
{
    private static readonly string[] ExpectedOwnerHeaders =
        ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];

    public void Check(S3Call call)
    {
        var isOwner = string.Equals(call.Owner, options.OwnerId, StringComparison.Ordinal);
        foreach (var header in ExpectedOwnerHeaders)
        {
            var expected = call.Header(header);
            isOwner &= expected is null || expected == options.AccountId || expected == options.OwnerId;
        }

        if (!isOwner)
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }
    }
}
