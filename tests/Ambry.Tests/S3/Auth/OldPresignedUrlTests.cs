using System.Globalization;
using Ambry.S3.Auth;
using Ambry.S3.Requests;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

/// <summary>URLs signed with version 2, made here from the guide's rules with nothing of the product.</summary>
public class OldPresignedUrlTests
{
    private const long Expiry = 1_175_139_620;

    private readonly AuthWorld _world = new();

    public OldPresignedUrlTests() => _world.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(Expiry));

    [Fact]
    public void The_example_of_the_guide_is_accepted()
    {
        var request = AuthWorld.Request(
            "GET",
            "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
                + "&Expires=1175139620");
        var authentication = _world.Verifier.Authenticate(request, "johnsmith");
        authentication.Credential.AccessKey.ShouldBe(AuthWorld.AccessKey);
        authentication.IsPresigned.ShouldBeTrue();
        authentication.PayloadKind.ShouldBe(PayloadKind.Unsigned);
        _world.Refuse(request, "SignatureDoesNotMatch", 403);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_url_lives_until_the_second_it_names(int seconds, bool isAccepted)
    {
        var request = Presign("GET", "/bucket/key");
        _world.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(Expiry + seconds));
        if (isAccepted)
        {
            _world.Verifier.Authenticate(request).ShouldNotBeNull();
            return;
        }

        var refusal = _world.Refuse(request, "AccessDenied", 403);
        refusal.Message.ShouldBe("Request has expired");
        AuthWorld.Extra(refusal, "Expires").ShouldBe("2007-03-29T03:40:20Z");
        AuthWorld.Extra(refusal, "ServerTime").ShouldBe("2007-03-29T03:40:21Z");
    }

    [Theory]
    [InlineData("/bucket/key", "/bucket/kez")]
    [InlineData("/bucket/key", "/bucket/k%65y")]
    [InlineData("/bucket/key", "/bucket//key")]
    [InlineData("Expires=1175139620", "Expires=1175139621")]
    [InlineData("versionId=null", "versionId=nul")]
    [InlineData("versionId=null&", "")]
    [InlineData("versionId=null&", "versionId=null&acl&")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("x-amz-meta-a=1", "x-amz-meta-a=2")]
    [InlineData("x-amz-meta-a=1&", "")]
    [InlineData("Signature=", "Signature=A")]
    public void What_the_signature_covers_cannot_be_changed(string old, string replacement)
    {
        var request = Presign(
            "GET",
            "/bucket/key",
            [("versionId", "null"), ("response-content-type", "a+b"), ("x-amz-meta-a", "1")]);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        var target = request.Target.Replace(old, replacement, StringComparison.Ordinal);
        target.ShouldNotBe(request.Target);
        _world.Refuse(request with { Target = target }, "SignatureDoesNotMatch", 403);
    }

    [Fact]
    public void Method_type_and_digest_cannot_be_changed()
    {
        var request = Presign("PUT", "/bucket/key", headers: [("Content-Type", "text/plain")]);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        _world.Refuse(request with { Method = "DELETE" }, "SignatureDoesNotMatch", 403);
        _world.Refuse(AuthWorld.With(request, "Content-Type", "text/html"), "SignatureDoesNotMatch", 403);
        _world.Refuse(AuthWorld.With(request, "Content-Type", null), "SignatureDoesNotMatch", 403);
        _world.Refuse(
            AuthWorld.With(request, "Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="), "SignatureDoesNotMatch", 403);
        var other = request.Target.Replace("AKIA", "AKIB", StringComparison.Ordinal);
        _world.Refuse(request with { Target = other }, "InvalidAccessKeyId", 403);
    }

    [Theory]
    [InlineData("expires")]
    [InlineData("E%78pires")]
    public void An_expired_url_cannot_borrow_its_signed_expiry_from_a_look_alike(string name)
    {
        var request = Presign("GET", "/bucket/key");
        _world.Clock.Advance(TimeSpan.FromDays(1));
        var later = request.Target.Replace("Expires=", "Expires=9", StringComparison.Ordinal);
        _world.Refuse(request with { Target = later }, "SignatureDoesNotMatch", 403);
        var target = later.Replace("?", $"?{name}={Expiry}&", StringComparison.Ordinal);
        _world.Refuse(request with { Target = target }, "SignatureDoesNotMatch", 403);
    }

    [Fact]
    public void A_caching_header_is_not_the_expiry()
    {
        var request = Presign("GET", "/bucket/key");
        _world.Verifier.Authenticate(AuthWorld.With(request, "Expires", "0")).ShouldNotBeNull();
        _world.Clock.Advance(TimeSpan.FromDays(1));
        var later = request.Target.Replace("Expires=", "Expires=9", StringComparison.Ordinal);
        var forged = AuthWorld.With(
            request with { Target = later }, "Expires", Expiry.ToString(CultureInfo.InvariantCulture));
        _world.Refuse(forged, "SignatureDoesNotMatch", 403);
    }

    [Theory]
    [InlineData("x-amz-meta-a", "1\nx-amz-meta-b:2")]
    [InlineData("x-amz-meta-a", "1\n")]
    [InlineData("x-amz-meta-a", "1\u0085")]
    [InlineData("x-amz-meta-a:1\nx-amz-meta-b", "2")]
    [InlineData("x-amz-meta-a:1", "2")]
    [InlineData("content-type", "a\n1")]
    [InlineData("content-md5", "a\n1")]
    [InlineData("versionId", "null\n")]
    [InlineData("response-content-type", "text/plain\r")]
    public void A_line_end_cannot_pass_one_field_off_as_another(string name, string value)
    {
        var request = Presign("PUT", "/bucket/key", [(name, value)]);
        _world.Refuse(request, "InvalidURI", 400);
    }

    [Theory]
    [InlineData("x-amz-meta-a", "1\nx-amz-meta-b:2")]
    [InlineData("Content-Type", "a\u000b1")]
    public void A_line_end_in_a_header_is_refused_too(string name, string value) =>
        _world.Refuse(Presign("PUT", "/bucket/key", headers: [(name, value)]), "InvalidArgument", 400);

    [Fact]
    public void What_is_not_signed_may_hold_any_character() =>
        _world.Verifier.Authenticate(Presign("GET", "/bucket", [("prefix", "a\nb")])).ShouldNotBeNull();

    [Fact]
    public void A_header_of_amazon_may_come_in_both_places_with_one_value()
    {
        var request = Presign("PUT", "/bucket/key", [("x-amz-meta-a", "1")]);
        _world.Verifier.Authenticate(AuthWorld.With(request, "X-Amz-Meta-A", "1")).ShouldNotBeNull();
        _world.Refuse(AuthWorld.With(request, "x-amz-meta-a", "2"), "InvalidArgument", 400);
    }

    [Theory]
    [InlineData(null, PayloadKind.Unsigned)]
    [InlineData("UNSIGNED-PAYLOAD", PayloadKind.Unsigned)]
    [InlineData("STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadKind.StreamingUnsignedTrailer)]
    [InlineData(RequestSigner.EmptyHash, PayloadKind.SignedHash)]
    public void The_kind_of_payload_is_what_the_header_says(string? header, PayloadKind kind)
    {
        var request = Presign(
            "PUT", "/bucket/key", headers: header is null ? [] : [("x-amz-content-sha256", header)]);
        var authentication = _world.Verifier.Authenticate(request);
        authentication.PayloadKind.ShouldBe(kind);
        authentication.PayloadHash.ShouldBe(header ?? "UNSIGNED-PAYLOAD");
    }

    [Theory]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")]
    [InlineData("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")]
    [InlineData("nonsense")]
    public void Chunks_signed_with_version_4_have_no_seed_here(string header) => _world.Refuse(
        Presign("PUT", "/bucket/key", headers: [("x-amz-content-sha256", header)]), "InvalidArgument", 400);

    [Fact]
    public void The_authority_of_a_proxys_target_is_not_signed()
    {
        var request = Presign("GET", "/bucket/key");
        var proxied = request with { Target = "http://" + request.Host + request.Target };
        _world.Verifier.Authenticate(proxied).ShouldNotBeNull();
    }

    [Fact]
    public void Headers_of_amazon_are_signed_wherever_they_stand()
    {
        var request = Presign("PUT", "/bucket/key", headers: [("x-amz-meta-B", " 2 "), ("X-Amz-Meta-a", "1")]);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        _world.Refuse(AuthWorld.With(request, "x-amz-acl", "public-read"), "SignatureDoesNotMatch", 403);
        _world.Refuse(AuthWorld.With(request, "x-amz-meta-b", "3"), "SignatureDoesNotMatch", 403);
        _world.Refuse(AuthWorld.With(request, "x-amz-meta-b", null), "SignatureDoesNotMatch", 403);
    }

    [Fact]
    public void Overrides_are_signed_decoded_and_in_order()
    {
        var request = Presign(
            "GET",
            "/bucket/key",
            [
                ("response-expires", "Thu, 01 Dec 1994 16:00:00 GMT"),
                ("response-content-disposition", "attachment; filename=\"\u00fc b.txt\""),
            ]);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        request.Target.ShouldContain("filename%3D%22%C3%BC%20b.txt%22");
    }

    [Fact]
    public void A_type_in_the_query_counts_when_there_is_no_header()
    {
        var request = Presign("PUT", "/bucket/key", [("content-type", "text/plain")]);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        _world.Refuse(AuthWorld.With(request, "Content-Type", "text/html"), "InvalidArgument", 400);
    }

    [Theory]
    [InlineData("&Expires=1175139620", "")]
    [InlineData("Expires=1175139620", "Expires=")]
    [InlineData("Expires=1175139620", "Expires=soon")]
    [InlineData("Expires=1175139620", "Expires=-1175139620")]
    [InlineData("Expires=1175139620", "Expires=99999999999999999999")]
    [InlineData("Expires=1175139620", "Expires=253402300800")]
    [InlineData("Expires=1175139620", "Expires=1175139620&Expires=1175139620")]
    public void A_malformed_expiry_is_refused(string old, string replacement)
    {
        var request = Presign("GET", "/bucket/key");
        var target = request.Target.Replace(old, replacement, StringComparison.Ordinal);
        target.ShouldNotBe(request.Target);
        _world.Refuse(request with { Target = target }, "AccessDenied", 403);
    }

    [Fact]
    public void A_session_needs_its_token()
    {
        var request = Presign(
            "GET", "/bucket/key", [("x-amz-security-token", "tok/en")], accessKey: AuthWorld.SessionAccessKey);
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
        _world.Refuse(
            Presign("GET", "/bucket/key", accessKey: AuthWorld.SessionAccessKey), "InvalidToken", 400);
    }

    [Fact]
    public void Two_mechanisms_are_one_too_many()
    {
        var request = AuthWorld.With(Presign("GET", "/bucket/key"), "Authorization", "AWS4-HMAC-SHA256 x");
        _world.Refuse(request, "InvalidArgument", 400);
        SignatureVerifier.IsAnonymous(Presign("GET", "/bucket/key")).ShouldBeFalse();
    }

    private static S3Request Presign(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        string accessKey = AuthWorld.AccessKey) =>
        new OldUrlSigner(accessKey, AuthWorld.Secret, Expiry).Presign(method, path, query, headers);
}
