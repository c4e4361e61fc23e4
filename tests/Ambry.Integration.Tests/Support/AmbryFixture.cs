using Amazon.Runtime;
using Amazon.S3;

namespace Ambry.Integration.Tests.Support;

/// <summary>One running store that many tests share, each in buckets of its own.</summary>
public sealed class AmbryFixture : IAsyncLifetime
{
    private int _buckets;

    public AmbryProcess Ambry { get; } = new();

    public AmazonS3Client S3 { get; private set; } = null!;

    public static AmazonS3Client Connect(AmbryProcess ambry) => new(
        new BasicAWSCredentials(AmbryProcess.AccessKey, AmbryProcess.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = ambry.Endpoint,
            AuthenticationRegion = AmbryProcess.Region,
            ForcePathStyle = true,
            UseHttp = true,
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(100),
        });

    public async Task InitializeAsync()
    {
        await Ambry.StartAsync("--cors-origin", "https://app.example");
        S3 = Connect(Ambry);
    }

    public async Task DisposeAsync()
    {
        S3?.Dispose();
        await Ambry.DisposeAsync();
    }

    /// <summary>Makes a bucket that no other test knows.</summary>
    public async Task<string> NewBucketAsync()
    {
        string name = $"bucket-{Interlocked.Increment(ref _buckets)}";
        await S3.PutBucketAsync(name);
        return name;
    }
}
