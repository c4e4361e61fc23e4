using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

/// <summary>What an independent signer signs is accepted, whatever the key, the parameters and the header values.</summary>
public class SignaturePropertyTests
{
    private static readonly string[] Awkward =
        ["%", "%2", "%2F", "+", "a b", "//", "..", "&=", "?#", "\ud83d\ude00"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Char[' ', '~'].Array[0, 20].Select(chars => new string(chars)),
        Gen.Char['\u00a1', '\ud7ff'].Array[0, 8].Select(chars => new string(chars)),
        Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i]));

    private static readonly Gen<(string, string)[]> Query =
        Gen.Select(Text.Where(t => t.Length != 0), Text).Array[0, 5];

    private static readonly Gen<(string, string)[]> Headers = Gen.Select(
        Gen.Int[0, 9].Select(i => $"x-amz-meta-{i}"), Text).Array[0, 4];

    private readonly AuthWorld _world = new();

    [Fact]
    public void Signed_headers_verify() => Gen.Select(Text, Query, Headers).Sample(
        (path, query, headers) => _world.Verifier.Authenticate(
            _world.Signer.SignHeader("PUT", "/" + path, query, headers)).ShouldNotBeNull(),
        iter: 2_000);

    [Fact]
    public void Presigned_urls_verify() => Gen.Select(Text, Query, Headers).Sample(
        (path, query, headers) => _world.Verifier.Authenticate(
            _world.Signer.Presign("GET", "/" + path, 60, query, headers)).IsPresigned.ShouldBeTrue(),
        iter: 2_000);

    [Fact]
    public void Another_secret_never_verifies() => Gen.Select(Text, Text.Where(t => t != AuthWorld.Secret)).Sample(
        (path, secret) => _world.Refuse(
            new RequestSigner(AuthWorld.AccessKey, secret, AuthWorld.Region, AuthWorld.Start).SignHeader("GET", "/" + path),
            "SignatureDoesNotMatch",
            403).ShouldNotBeNull(),
        iter: 500);
}
