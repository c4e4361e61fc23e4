using Ambry.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

public class PresignedUrlTests
{
    private readonly AuthWorld _world = new();

    [Theory]
    [InlineData(-901, "Request is not yet valid")]
    [InlineData(-900, null)]
    [InlineData(60, null)]
    [InlineData(61, "Request has expired")]
    public void A_url_lives_from_its_date_for_as_long_as_it_says(int seconds, string? refusal)
    {
        var request = _world.Signer.Presign("GET", "/key", 60);
        _world.Clock.AdjustTime(AuthWorld.Start.AddSeconds(seconds));
        if (refusal is null)
        {
            _world.Verifier.Authenticate(request).IsPresigned.ShouldBeTrue();
            return;
        }

        _world.Refuse(request, "AccessDenied", 403).Message.ShouldBe(refusal);
    }

    [Fact]
    public void An_expired_url_says_when()
    {
        var request = _world.Signer.Presign("GET", "/key", 60);
        _world.Clock.Advance(TimeSpan.FromSeconds(90));
        var refusal = _world.Refuse(request, "AccessDenied", 403);
        AuthWorld.Extra(refusal, "X-Amz-Expires").ShouldBe("60");
        AuthWorld.Extra(refusal, "Expires").ShouldBe("2013-05-24T00:01:00Z");
        AuthWorld.Extra(refusal, "ServerTime").ShouldBe("2013-05-24T00:01:30Z");
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(604_800, true)]
    [InlineData(604_801, false)]
    public void A_life_is_a_second_to_a_week(int seconds, bool isAccepted)
    {
        var request = _world.Signer.Presign("GET", "/key", seconds);
        if (isAccepted)
        {
            _world.Verifier.Authenticate(request).ShouldNotBeNull();
        }
        else
        {
            _world.Refuse(request, "AuthorizationQueryParametersError", 400);
        }
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4")]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256&", "")]
    [InlineData("&X-Amz-Date=20130524T000000Z", "")]
    [InlineData("&X-Amz-Date=20130524T000000Z", "&X-Amz-Date=2013-05-24")]
    [InlineData("&X-Amz-Expires=60", "")]
    [InlineData("&X-Amz-Expires=60", "&X-Amz-Expires=soon")]
    [InlineData("&X-Amz-Expires=60", "&X-Amz-Expires=99999999999999999999")]
    [InlineData("&X-Amz-Expires=60", "&X-Amz-Expires=60&x-amz-expires=61")]
    [InlineData("&X-Amz-SignedHeaders=host", "")]
    [InlineData("&X-Amz-SignedHeaders=host", "&X-Amz-SignedHeaders=")]
    [InlineData("&X-Amz-Signature=", "&X-Amz-Signatur=")]
    [InlineData("us-east-1", "us-west-1")]
    [InlineData("%2Fs3%2F", "%2Fec2%2F")]
    [InlineData("aws4_request", "aws5_request")]
    [InlineData("%2F20130524%2F", "%2F20130525%2F")]
    [InlineData("%2F20130524%2F", "%2F")]
    public void A_malformed_parameter_is_refused(string old, string replacement)
    {
        var request = _world.Signer.Presign("GET", "/key", 60);
        var target = request.Target.Replace(old, replacement, StringComparison.Ordinal);
        target.ShouldNotBe(request.Target);
        _world.Refuse(request with { Target = target }, "AuthorizationQueryParametersError", 400);
    }

    [Fact]
    public void What_the_signature_covers_cannot_be_changed()
    {
        var request = _world.Signer.Presign("GET", "/key", 60, [("versionId", "1")]);
        foreach (var (old, replacement) in ((string, string)[])
        [
            ("/key", "/kez"), ("versionId=1", "versionId=2"), ("Expires=60", "Expires=61"), ("versionId=1&", ""),
            ("Signature=", "Signature=0"),
        ])
        {
            var target = request.Target.Replace(old, replacement, StringComparison.Ordinal);
            _world.Refuse(request with { Target = target }, "SignatureDoesNotMatch", 403);
        }

        _world.Refuse(request with { Method = "PUT" }, "SignatureDoesNotMatch", 403);
        _world.Refuse(
            request with { Target = request.Target.Replace("AKIA", "AKIB", StringComparison.Ordinal) },
            "InvalidAccessKeyId",
            403);
    }

    [Fact]
    public void A_header_that_the_url_does_not_sign_cannot_be_added()
    {
        var request = _world.Signer.Presign("PUT", "/key", 60);
        var refusal = _world.Refuse(AuthWorld.With(request, "x-amz-acl", "public-read"), "AccessDenied", 403);
        AuthWorld.Extra(refusal, "HeadersNotSigned").ShouldBe("x-amz-acl");
        _world.Verifier.Authenticate(AuthWorld.With(request, "Content-Type", "image/png")).ShouldNotBeNull();
        var unsignedHost = request with
        {
            Target = request.Target.Replace("SignedHeaders=host", "SignedHeaders=date", StringComparison.Ordinal),
        };
        AuthWorld.Extra(_world.Refuse(unsignedHost, "AccessDenied", 403), "HeadersNotSigned").ShouldBe("host");
    }

    [Fact]
    public void A_payload_hash_may_be_signed_too()
    {
        var hash = RequestSigner.Sha256Hex("abc"u8.ToArray());
        var request = _world.Signer.Presign(
            "PUT", "/key", 60, headers: [("x-amz-content-sha256", hash)], payloadHash: hash);
        var authentication = _world.Verifier.Authenticate(request);
        authentication.PayloadKind.ShouldBe(PayloadKind.SignedHash);
        authentication.PayloadHash.ShouldBe(hash);
    }

    [Fact]
    public void Nobody_is_anonymous_with_a_signed_url() =>
        SignatureVerifier.IsAnonymous(_world.Signer.Presign("GET", "/key", 60)).ShouldBeFalse();
}
