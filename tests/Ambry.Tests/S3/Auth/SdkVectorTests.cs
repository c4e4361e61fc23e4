using Ambry.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

/// <summary>What a widely used SDK (botocore 1.43) signed, kept as it was sent.</summary>
public class SdkVectorTests
{
    private const string Path = "/a%20b//../%C3%A9%2Bc%25%21%27%28%29%2A~";
    private const string Date = "20261123T150858Z";

    private readonly AuthWorld _world = new();

    public SdkVectorTests() => _world.Clock.AdjustTime(new DateTimeOffset(2026, 11, 23, 15, 9, 0, TimeSpan.Zero));

    [Fact]
    public void A_part_with_an_awkward_key_and_spaces() => _world.Verifier.Authenticate(AuthWorld.Request(
        "PUT",
        Path + "?uploadId=x%2By%20z%2F&partNumber=1",
        ("x-amz-meta-A", "  x   y "),
        ("Content-Type", "text/plain"),
        ("X-Amz-Date", Date),
        ("X-Amz-Content-SHA256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/s3/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a, "
            + "Signature=cdf6781383d1b8a0497d74c811f51dbc24b6a9a427b3d8f52f332d5ae1c797c7")))
        .PayloadKind.ShouldBe(PayloadKind.SignedHash);

    [Fact]
    public void A_presigned_url_that_overrides_a_header() => _world.Verifier.Authenticate(AuthWorld.Request(
        "GET",
        Path + "?response-content-disposition=attachment%3B%20filename%3D%22a%20b%2Bc.txt%22"
            + "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fs3%2Faws4_request"
            + $"&X-Amz-Date={Date}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=0ba5db667825d242aa245a3188a55ea9d07e8b7fda8a8de7ae896d01143e2cc1"))
        .IsPresigned.ShouldBeTrue();
}
