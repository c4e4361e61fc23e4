using System.Text;
using Ambry.S3.Auth;
using Ambry.S3.Errors;
using Ambry.S3.Requests;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.S3.Auth;

/// <summary>The credentials, the region and the day of the published examples, and a verifier that knows them.</summary>
internal sealed class AuthWorld : ICredentialStore
{
    public const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    public const string SessionAccessKey = "ASIASESSION";
    public const string Region = "us-east-1";

    public static readonly DateTimeOffset Start = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, S3Credential> _credentials = [];

    public AuthWorld()
    {
        Verifier = new SignatureVerifier(this, Clock, Region);
        Put(new S3Credential(AccessKey, Encoding.UTF8.GetBytes(Secret), "owner", "Owner"));
        Put(new S3Credential(SessionAccessKey, Encoding.UTF8.GetBytes(Secret), "owner", "Owner") { SessionToken = "tok/en" });
    }

    public FakeTimeProvider Clock { get; } = new(Start);

    public SignatureVerifier Verifier { get; }

    public RequestSigner Signer { get; } = new(AccessKey, Secret, Region, Start);

    public void Put(S3Credential credential) => _credentials[credential.AccessKey] = credential;

    public S3Credential? Find(string accessKey) => _credentials.GetValueOrDefault(accessKey);

    public S3Exception Refuse(S3Request request, string code, int status)
    {
        var refusal = Should.Throw<S3Exception>(() => Verifier.Authenticate(request));
        refusal.Error.Code.ShouldBe(code, refusal.Message);
        refusal.Error.Status.ShouldBe(status);
        return refusal;
    }

    public static string Extra(S3Exception refusal, string name) =>
        refusal.Extras.Single(extra => extra.Key == name).Value;

    public static S3Request Request(string method, string target, params (string Name, string Value)[] headers)
    {
        var fields = new S3Headers();
        foreach (var (name, value) in headers)
        {
            fields.Add(name, value);
        }

        return new S3Request(method, target, "examplebucket.s3.amazonaws.com", fields);
    }

    /// <summary>The same request with one header changed, or taken away with null, or added.</summary>
    public static S3Request With(S3Request request, string name, string? value)
    {
        var fields = new S3Headers();
        foreach (var field in request.Headers.Fields)
        {
            if (!string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase))
            {
                fields.Add(field.Key, field.Value);
            }
        }

        if (value is not null)
        {
            fields.Add(name, value);
        }

        return request with { Headers = fields };
    }

    public static S3Request Replace(S3Request request, string name, string old, string replacement) =>
        With(request, name, request.Headers[name]!.Replace(old, replacement, StringComparison.Ordinal));
}
