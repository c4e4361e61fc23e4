using Ambry.S3.Requests;

namespace Ambry.Tests.S3;

/// <summary>Builds request heads for the dialect's tests.</summary>
internal static class S3Requests
{
    public const string Domain = "s3.example.com";

    public static S3Request Head(string method, string target, params (string Name, string Value)[] headers)
    {
        var fields = new S3Headers();
        foreach (var (name, value) in headers)
        {
            fields.Add(name, value);
        }

        return new S3Request(method, target, "localhost:9000", fields);
    }

    public static S3Headers Headers(params (string Name, string Value)[] headers) => Head("GET", "/", headers).Headers;

    public static S3Target Target(string target, string host = "localhost:9000") =>
        S3Target.Parse(new S3Request("GET", target, host, new S3Headers()), [Domain, "example.com"]);
}
