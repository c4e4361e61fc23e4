using System.Text;
using Ambry.S3.Auth;
using Ambry.S3.Requests;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

public class HeaderSignatureTests
{
    private readonly AuthWorld _world = new();

    private S3Request Signed => _world.Signer.SignHeader(
        "PUT", "/a key", [("uploads", "")], [("Content-Type", "text/plain"), ("x-amz-meta-a", "b")]);

    [Fact]
    public void A_signed_request_is_its_owner_s() =>
        _world.Verifier.Authenticate(Signed).Credential.OwnerId.ShouldBe("owner");

    [Theory]
    [InlineData("http://")]
    [InlineData("HTTPS://")]
    public void The_authority_of_a_proxys_target_is_not_signed(string scheme)
    {
        var request = Signed with { Target = scheme + Signed.Host + Signed.Target };
        _world.Verifier.Authenticate(request).ShouldNotBeNull();
    }

    [Fact]
    public void No_signature_is_access_denied()
    {
        var request = AuthWorld.Request("GET", "/key");
        SignatureVerifier.IsAnonymous(request).ShouldBeTrue();
        SignatureVerifier.IsAnonymous(Signed).ShouldBeFalse();
        _world.Refuse(request, "AccessDenied", 403);
    }

    [Theory]
    [InlineData("Credential=AKIA", "Credential=AKIB", "InvalidAccessKeyId", 403)]
    [InlineData("/20130524/", "/20130525/", "AuthorizationHeaderMalformed", 400)]
    [InlineData("/20130524/", "/2013-05-24/", "AuthorizationHeaderMalformed", 400)]
    [InlineData("/20130524/", "/", "AuthorizationHeaderMalformed", 400)]
    [InlineData("/us-east-1/", "/us-west-1/", "AuthorizationHeaderMalformed", 400)]
    [InlineData("/s3/", "/ec2/", "AuthorizationHeaderMalformed", 400)]
    [InlineData("aws4_request", "aws5_request", "AuthorizationHeaderMalformed", 400)]
    [InlineData("SignedHeaders=content-type;", "SignedHeaders=", "SignatureDoesNotMatch", 403)]
    [InlineData(";host;", ";", "AccessDenied", 403)]
    [InlineData(";x-amz-meta-a", "", "AccessDenied", 403)]
    [InlineData(";host;", ";host;host;", "AuthorizationHeaderMalformed", 400)]
    [InlineData(";host;", ";host;;", "AuthorizationHeaderMalformed", 400)]
    [InlineData(";host;", ";host;a:b;", "AuthorizationHeaderMalformed", 400)]
    [InlineData(";host;", ";host;a\nb;", "AuthorizationHeaderMalformed", 400)]
    [InlineData("Signature=", "Signature=0", "SignatureDoesNotMatch", 403)]
    [InlineData("Signature=", "Signature=\u00e9", "SignatureDoesNotMatch", 403)]
    [InlineData("Signature=", "Signatur=", "AuthorizationHeaderMalformed", 400)]
    [InlineData(", Signature=", ", Signature=,", "AuthorizationHeaderMalformed", 400)]
    [InlineData(", Signature=", ", Signature=aa, Signature=", "AuthorizationHeaderMalformed", 400)]
    [InlineData("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "NotImplemented", 501)]
    [InlineData("AWS4-HMAC-SHA256", "Basic", "InvalidArgument", 400)]
    [InlineData("AWS4-HMAC-SHA256 Credential", "AWS Credential", "InvalidRequest", 400)]
    public void A_changed_authorization_is_refused(string old, string replacement, string code, int status) =>
        _world.Refuse(AuthWorld.Replace(Signed, "Authorization", old, replacement), code, status);

    [Fact]
    public void Every_changed_signature_digit_is_refused()
    {
        var signed = Signed;
        var authorization = signed.Headers["Authorization"]!;
        for (var i = authorization.Length - 64; i < authorization.Length; i++)
        {
            var changed = authorization.ToCharArray();
            changed[i] = changed[i] == '0' ? '1' : '0';
            _world.Refuse(
                AuthWorld.With(signed, "Authorization", new string(changed)), "SignatureDoesNotMatch", 403);
        }
    }

    [Fact]
    public void What_the_signature_covers_cannot_be_changed()
    {
        var signed = Signed;
        foreach (var changed in (S3Request[])
        [
            signed with { Method = "GET" },
            signed with { Host = "other.s3.amazonaws.com" },
            signed with { Target = signed.Target.Replace("key", "kez", StringComparison.Ordinal) },
            signed with { Target = signed.Target + "&versionId=1" },
            signed with { Target = "/a%20key" },
            AuthWorld.With(signed, "Content-Type", "text/html"),
            AuthWorld.With(signed, "x-amz-meta-a", "c"),
            AuthWorld.With(signed, "x-amz-meta-a", null),
            AuthWorld.With(signed, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            AuthWorld.With(signed, "x-amz-date", "20130524T000001Z"),
        ])
        {
            _world.Refuse(changed, "SignatureDoesNotMatch", 403);
        }
    }

    [Fact]
    public void A_mismatch_shows_what_was_signed()
    {
        var refusal = _world.Refuse(Signed with { Method = "GET" }, "SignatureDoesNotMatch", 403);
        AuthWorld.Extra(refusal, "AWSAccessKeyId").ShouldBe(AuthWorld.AccessKey);
        var canonical = AuthWorld.Extra(refusal, "CanonicalRequest");
        canonical.ShouldStartWith("GET\n/a%20key\nuploads=\ncontent-type:text/plain\nhost:examplebucket.s3.");
        AuthWorld.Extra(refusal, "StringToSign").ShouldBe(
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            + RequestSigner.Sha256Hex(Encoding.UTF8.GetBytes(canonical)));
        AuthWorld.Extra(refusal, "CanonicalRequestBytes").ShouldStartWith("47 45 54 0a 2f");
        AuthWorld.Extra(refusal, "StringToSignBytes").ShouldStartWith("41 57 53 34 2d");
        refusal.Extras.ShouldContain(extra => extra.Key == "SignatureProvided" && extra.Value.Length == 64);
        refusal.Extras.ShouldAllBe(extra => !extra.Value.Contains(AuthWorld.Secret));
    }

    [Theory]
    [InlineData(-901, false)]
    [InlineData(-900, true)]
    [InlineData(900, true)]
    [InlineData(901, false)]
    public void The_clock_may_be_off_by_a_quarter_hour(int seconds, bool isAccepted)
    {
        _world.Clock.AdjustTime(AuthWorld.Start.AddSeconds(seconds));
        if (isAccepted)
        {
            _world.Verifier.Authenticate(Signed).ShouldNotBeNull();
            return;
        }

        var refusal = _world.Refuse(Signed, "RequestTimeTooSkewed", 403);
        AuthWorld.Extra(refusal, "RequestTime").ShouldBe("20130524T000000Z");
        AuthWorld.Extra(refusal, "MaxAllowedSkewMilliseconds").ShouldBe("900000");
        AuthWorld.Extra(refusal, "ServerTime").ShouldStartWith("2013-05-2");
    }

    [Fact]
    public void The_wrong_region_names_the_right_one()
    {
        var refusal = _world.Refuse(
            AuthWorld.Replace(Signed, "Authorization", "/us-east-1/", "/eu-west-1/"),
            "AuthorizationHeaderMalformed",
            400);
        AuthWorld.Extra(refusal, "Region").ShouldBe("us-east-1");
        refusal.Message.ShouldBe(
            "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'");
    }

    [Fact]
    public void An_added_amz_header_is_refused_by_name()
    {
        var refusal = _world.Refuse(AuthWorld.With(Signed, "X-Amz-Acl", "public-read"), "AccessDenied", 403);
        refusal.Message.ShouldBe("There were headers present in the request which were not signed");
        AuthWorld.Extra(refusal, "HeadersNotSigned").ShouldBe("x-amz-acl");
        _world.Verifier.Authenticate(AuthWorld.With(Signed, "X-Amz-Cf-Id", "cdn")).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("x-amz-content-sha256", null, "InvalidRequest", 400)]
    [InlineData("x-amz-content-sha256", "", "InvalidRequest", 400)]
    [InlineData("x-amz-content-sha256", "nonsense", "InvalidArgument", 400)]
    [InlineData("x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "NotImplemented", 501)]
    [InlineData("x-amz-date", null, "AccessDenied", 403)]
    [InlineData("x-amz-date", "yesterday", "AccessDenied", 403)]
    [InlineData("Authorization", "", "InvalidArgument", 400)]
    [InlineData("Authorization", "AWS4-HMAC-SHA256", "AuthorizationHeaderMalformed", 400)]
    public void A_missing_or_malformed_header_is_refused(string name, string? value, string code, int status) =>
        _world.Refuse(AuthWorld.With(Signed, name, value), code, status);

    [Fact]
    public void Header_and_query_at_once_are_refused()
    {
        var presigned = _world.Signer.Presign("GET", "/key", 60);
        var both = AuthWorld.With(presigned, "Authorization", Signed.Headers["Authorization"]);
        AuthWorld.Extra(_world.Refuse(both, "InvalidArgument", 400), "ArgumentName").ShouldBe("Authorization");
    }

    [Fact]
    public void A_header_signed_as_before_version_four_is_refused_with_advice()
    {
        var inHeader = AuthWorld.Request("GET", "/key", ("Authorization", "AWS AKIA:c2ln"));
        _world.Refuse(inHeader, "InvalidRequest", 400).Message.ShouldContain("Please use AWS4-HMAC-SHA256");
    }

    [Fact]
    public void A_token_belongs_to_a_session_key_alone()
    {
        var session = new RequestSigner(
            AuthWorld.SessionAccessKey, AuthWorld.Secret, AuthWorld.Region, AuthWorld.Start);
        (string, string)[] right = [("x-amz-security-token", "tok/en")];
        (string, string)[] wrong = [("x-amz-security-token", "token")];
        _world.Verifier.Authenticate(session.SignHeader("GET", "/k", headers: right)).ShouldNotBeNull();
        var presigned = session.Presign("GET", "/k", 60, [("X-Amz-Security-Token", "tok/en")]);
        _world.Verifier.Authenticate(presigned).ShouldNotBeNull();
        _world.Refuse(session.SignHeader("GET", "/k", headers: wrong), "InvalidToken", 400);
        _world.Refuse(session.SignHeader("GET", "/k"), "InvalidToken", 400);
        _world.Refuse(_world.Signer.SignHeader("GET", "/k", headers: right), "InvalidToken", 400);
    }

    [Fact]
    public void A_changed_secret_is_not_answered_from_the_cache()
    {
        _world.Verifier.Authenticate(Signed).ShouldNotBeNull();
        _world.Put(new S3Credential(AuthWorld.AccessKey, "other"u8, "owner", "Owner"));
        _world.Refuse(Signed, "SignatureDoesNotMatch", 403);
    }

    [Fact]
    public void Values_are_signed_as_sent()
    {
        var request = _world.Signer.SignHeader(
            "PUT",
            "/k",
            headers:
            [
                ("x-amz-tagging", ""),
                ("Accept-Encoding", "identity"),
                ("x-amz-meta-spaces", "  a   b  c "),
                ("x-amz-meta-many", "1"),
                ("x-amz-meta-many", "2"),
                ("x-amz-meta-utf8", "gr\u00fc\u00df"),
            ]);
        _world.Verifier.Authenticate(request).SignedHeaders.ShouldContain("x-amz-tagging");
    }

    [Theory]
    [InlineData("/a/../b/./c")]
    [InlineData("//a///b/")]
    [InlineData("/a+b c%2Fd%25")]
    [InlineData("/\u00e9\u4e2d\ud83d\ude00/!*'()@:$&,;=~")]
    public void Keys_are_not_normalised(string path) =>
        _world.Verifier.Authenticate(_world.Signer.SignHeader("GET", path)).ShouldNotBeNull();

    [Theory]
    [InlineData("/a%20key%21", "/a%20key!")]
    [InlineData("/%61%20key%21", "/a%20key!")]
    [InlineData("/a%20key!", "/a%20key%21")]
    [InlineData("/a%2fb", "/a/b")]
    public void Escaping_more_or_less_than_needed_makes_no_difference(string raw, string usual)
    {
        var signed = _world.Signer.SignHeader("GET", Uri.UnescapeDataString(usual));
        _world.Verifier.Authenticate(signed with { Target = raw }).ShouldNotBeNull();
    }

    [Fact]
    public void A_credential_never_shows_its_secret() =>
        _world.Find(AuthWorld.AccessKey)!.ToString().ShouldBe("S3Credential AKIAIOSFODNN7EXAMPLE");
}
