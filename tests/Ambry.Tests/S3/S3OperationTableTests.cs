using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Requests;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class S3OperationTableTests
{
    [Fact]
    public void Every_kind_has_exactly_one_row() =>
        S3OperationTable.All.Select(row => row.Kind).ShouldBe(Enum.GetValues<S3OperationKind>(), ignoreOrder: true);

    [Fact]
    public void Only_superseded_operations_share_a_route()
    {
        var twins = S3OperationTable.All
            .GroupBy(row => (row.Method, row.Level, row.Selector, string.Join('&', row.Refinements), row.Header))
            .SelectMany(route => route.Skip(1))
            .Select(row => row.Kind);

        twins.ShouldBe(
        [
            S3OperationKind.GetBucketLifecycle,
            S3OperationKind.GetBucketNotification,
            S3OperationKind.PutBucketLifecycle,
            S3OperationKind.PutBucketNotification,
        ], ignoreOrder: true);
    }

    [Fact]
    public void An_absent_row_says_what_is_answered_and_no_other_does()
    {
        foreach (var row in S3OperationTable.All)
        {
            var answers = (row.AbsenceError is null ? 0 : 1) + (row.EmptyDocument is null ? 0 : 1);
            answers.ShouldBe(row.State == S3OperationState.Absent ? 1 : 0, row.Name);
        }
    }

    [Fact]
    public void Every_row_is_what_its_own_route_resolves_to()
    {
        // These share a route with their successor or belong to another endpoint.
        S3OperationKind[] unreachable =
        [
            S3OperationKind.GetBucketLifecycle, S3OperationKind.GetBucketNotification,
            S3OperationKind.PutBucketLifecycle, S3OperationKind.PutBucketNotification,
        ];
        foreach (var row in S3OperationTable.All.Where(row => !unreachable.Contains(row.Kind)))
        {
            var path = row.Level switch { S3Level.Service => "/", S3Level.Bucket => "/b", _ => "/b/k" };
            var refinements = row.Refinements.Select(name => name.Contains('=') ? name : name + "=1");
            string?[] query = [row.Selector, .. refinements];
            (string, string)[] headers = row.Header is null ? [] : [(row.Header, "x")];
            var request = S3Requests.Head(row.Method, path + "?" + string.Join('&', query.OfType<string>()), headers);

            Resolve(request).Kind.ShouldBe(row.Kind);
        }
    }

    [Theory]
    [InlineData("GET", "/", S3OperationKind.ListBuckets)]
    [InlineData("GET", "/?x-id=ListBuckets", S3OperationKind.ListBuckets)]
    [InlineData("GET", "/b", S3OperationKind.ListObjects)]
    [InlineData("GET", "/b/", S3OperationKind.ListObjects)]
    [InlineData("GET", "/b?prefix=&delimiter=&marker=", S3OperationKind.ListObjects)]
    [InlineData("GET", "/b/?list-type=2&prefix=a&delimiter=%2F", S3OperationKind.ListObjectsV2)]
    [InlineData("GET", "/b?list-type=1", S3OperationKind.ListObjects)]
    [InlineData("GET", "/b?location=", S3OperationKind.GetBucketLocation)]
    [InlineData("HEAD", "/b", S3OperationKind.HeadBucket)]
    [InlineData("PUT", "/b", S3OperationKind.CreateBucket)]
    [InlineData("DELETE", "/b/", S3OperationKind.DeleteBucket)]
    [InlineData("POST", "/b?delete", S3OperationKind.DeleteObjects)]
    [InlineData("POST", "/b", S3OperationKind.PostObject)]
    [InlineData("GET", "/b?uploads", S3OperationKind.ListMultipartUploads)]
    [InlineData("GET", "/b/k", S3OperationKind.GetObject)]
    [InlineData("GET", "/b/k?1234", S3OperationKind.GetObject)]
    [InlineData("GET", "/b/k?v=1&partNumber=2", S3OperationKind.GetObject)]
    [InlineData("GET", "/b/k?versionId=null&response-content-type=", S3OperationKind.GetObject)]
    [InlineData("GET", "/b/k?X-Amz-Security-Token=", S3OperationKind.GetObject)]
    [InlineData("HEAD", "/b/k", S3OperationKind.HeadObject)]
    [InlineData("PUT", "/b/k?x-id=PutObject", S3OperationKind.PutObject)]
    [InlineData("PUT", "/b/dir/", S3OperationKind.PutObject)]
    [InlineData("DELETE", "/b/k", S3OperationKind.DeleteObject)]
    [InlineData("POST", "/b/k?uploads=", S3OperationKind.CreateMultipartUpload)]
    [InlineData("PUT", "/b/k?partNumber=1&uploadId=u", S3OperationKind.UploadPart)]
    [InlineData("POST", "/b/k?uploadId=u", S3OperationKind.CompleteMultipartUpload)]
    [InlineData("DELETE", "/b/k?uploadId=u", S3OperationKind.AbortMultipartUpload)]
    [InlineData("GET", "/b/k?uploadId=u&max-parts=1", S3OperationKind.ListParts)]
    [InlineData("OPTIONS", "/", S3OperationKind.CorsPreflight)]
    [InlineData("OPTIONS", "/b", S3OperationKind.CorsPreflight)]
    [InlineData("OPTIONS", "/b/k?acl", S3OperationKind.CorsPreflight)]
    [InlineData("GET", "/b?analytics", S3OperationKind.ListBucketAnalyticsConfigurations)]
    [InlineData("GET", "/b?analytics&id=x", S3OperationKind.GetBucketAnalyticsConfiguration)]
    public void A_request_means(string method, string target, S3OperationKind kind) =>
        Resolve(S3Requests.Head(method, target)).Kind.ShouldBe(kind);

    [Theory]
    [InlineData("/b/k", "/b2/k2", S3OperationKind.CopyObject)]
    [InlineData("/b/k", "", S3OperationKind.CopyObject)]
    [InlineData("/b/k?uploadId=u&partNumber=1", "b2/k2", S3OperationKind.UploadPartCopy)]
    public void A_copy_source_turns_a_write_into_a_copy(string target, string source, S3OperationKind kind) =>
        Resolve(S3Requests.Head("PUT", target, ("X-Amz-Copy-Source", source))).Kind.ShouldBe(kind);

    [Fact]
    public void No_sub_resource_ever_falls_through_to_the_resource_itself()
    {
        string[] names =
        [
            "abac", "accelerate", "acl", "analytics", "annotation", "annotations", "append", "attributes", "cors",
            "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "logging",
            "metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls",
            "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication", "requestPayment", "restore",
            "retention", "select", "session", "tagging", "torrent", "versioning", "versions", "website",
            "some-thing-of-tomorrow",
        ];
        S3OperationKind[] plain =
        [
            S3OperationKind.GetObject, S3OperationKind.HeadObject, S3OperationKind.PutObject,
            S3OperationKind.DeleteObject, S3OperationKind.ListObjects, S3OperationKind.ListObjectsV2,
            S3OperationKind.CreateBucket, S3OperationKind.DeleteBucket, S3OperationKind.HeadBucket,
            S3OperationKind.ListBuckets, S3OperationKind.PostObject,
        ];
        foreach (var name in names)
        {
            foreach (var method in new[] { "GET", "HEAD", "PUT", "POST", "DELETE" })
            {
                foreach (var path in new[] { "/", "/b", "/b/k" })
                {
                    MeansNone(S3Requests.Head(method, $"{path}?{name}"), plain);
                    MeansNone(S3Requests.Head(method, $"{path}?x-id=1&{name}="), plain);
                }
            }
        }
    }

    [Theory]
    [InlineData("PATCH", "/b/k")]
    [InlineData("PUT", "/")]
    [InlineData("DELETE", "/")]
    [InlineData("POST", "/b/k")]
    [InlineData("HEAD", "/b/k?acl")]
    [InlineData("HEAD", "/b/k?uploadId=u")]
    [InlineData("DELETE", "/b/k?acl")]
    [InlineData("GET", "/b?delete")]
    [InlineData("POST", "/b?location")]
    public void A_method_that_a_resource_has_not_is_not_allowed(string method, string target)
    {
        var error = Should.Throw<S3Exception>(() => Resolve(S3Requests.Head(method, target)));

        error.Error.ShouldBe(S3Errors.MethodNotAllowed);
        error.Headers.Single().Key.ShouldBe("Allow");
        error.Headers.Single().Value.ShouldNotBeEmpty();
        error.Headers.Single().Value.Split(", ").ShouldNotContain(method);
    }

    [Theory]
    [InlineData("GET", "/?acl", "NotImplemented")]
    [InlineData("GET", "/b/k?policy", "NotImplemented")]
    [InlineData("PUT", "/b/k?append&position=0", "NotImplemented")]
    [InlineData("GET", "/b?acl&policy", "InvalidArgument")]
    [InlineData("PUT", "/b/k?tagging&uploadId=u&partNumber=1", "InvalidArgument")]
    [InlineData("GET", "/b?list-type=3", "InvalidArgument")]
    [InlineData("PUT", "/b/k?partNumber=1", "InvalidArgument")]
    [InlineData("PUT", "/b/k?uploadId=u", "InvalidArgument")]
    public void A_request_that_means_nothing_is_refused(string method, string target, string code) =>
        Should.Throw<S3Exception>(() => Resolve(S3Requests.Head(method, target))).Error.Code.ShouldBe(code);

    private static void MeansNone(S3Request request, S3OperationKind[] kinds)
    {
        try
        {
            kinds.ShouldNotContain(Resolve(request).Kind, $"{request.Method} {request.Target}");
        }
        catch (S3Exception refused)
        {
            refused.Error.Status.ShouldBeOneOf(405, 501);
        }
    }

    private static S3Operation Resolve(S3Request request) =>
        S3OperationTable.Resolve(request, S3Target.Parse(request, []));
}
