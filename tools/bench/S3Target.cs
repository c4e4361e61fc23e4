namespace Ambry.Bench;

/// <summary>Where requests go, and the keys that sign them.</summary>
internal sealed record S3Target(Uri Endpoint, string AccessKey, string SecretKey, string Region)
{
    /// <summary>Keys and region from the variables that AWS clients read.</summary>
    /// <exception cref="InvalidOperationException">One is not set.</exception>
    public static S3Target FromEnvironment(Uri endpoint) => new(
        endpoint, Variable("AWS_ACCESS_KEY_ID"), Variable("AWS_SECRET_ACCESS_KEY"), Variable("AWS_REGION"));

    public HeaderSigner ToSigner() => new(AccessKey, SecretKey, Region, Endpoint.Authority);

    /// <summary>Without keys in what may be printed.</summary>
    public override string ToString() => Endpoint.ToString();

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"Set {name}.");
}
