using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Shouldly;

namespace Ambry.Compat.DotNet;

/// <summary>What a .NET program does with the AWS SDK, in order: later checks use what earlier ones stored.</summary>
internal sealed class SdkChecks
{
    private const int Mib = 1024 * 1024;

    private readonly string _bucket =
        $"compat-dotnet-{Environment.ProcessId}-{RandomNumberGenerator.GetInt32(1 << 16)}";
    private readonly AmazonS3Client _s3;

    public SdkChecks(string endpoint, string region)
    {
        _s3 = new AmazonS3Client(new AmazonS3Config
        {
            ServiceURL = endpoint,
            AuthenticationRegion = region,
            ForcePathStyle = true,
            UseHttp = endpoint.StartsWith("http:", StringComparison.Ordinal),
            MaxErrorRetry = 1,
        });
    }

    public IEnumerable<(string Name, Func<Task> Check)> All() =>
    [
        ("make a bucket", MakeBucketAsync),
        ("put and get, chunk-signed", () => RoundTripAsync("chunked", useChunks: true, disableSigning: null)),
        ("put and get, signed as one hash", () => RoundTripAsync("hashed", useChunks: false, disableSigning: null)),
        ("put and get of nothing", EmptyAsync),
        ("transfer utility: 64 MiB in parts, both ways", TransferAsync),
        ("metadata and headers", MetadataAsync),
        ("ranges", RangeAsync),
        ("listing with prefixes and pages", ListAsync),
        ("copy, also in parts", CopyAsync),
        ("presigned get and put", PresignAsync),
        ("put if none match has one winner", ConditionalAsync),
        ("errors have their types", ErrorsAsync),
        ("delete many, then the bucket", CleanAsync),
    ];

    private static byte[] Content(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(GetObjectResponse response)
    {
        using var buffer = new MemoryStream();
        await response.ResponseStream.CopyToAsync(buffer);
        return buffer.ToArray();
    }

    private async Task MakeBucketAsync()
    {
        await _s3.PutBucketAsync(_bucket);
        (await _s3.ListBucketsAsync()).Buckets.ShouldContain(bucket => bucket.BucketName == _bucket);
    }

    private async Task RoundTripAsync(string key, bool useChunks, bool? disableSigning)
    {
        byte[] body = Content(300_000, 1);
        await _s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = key,
            InputStream = new MemoryStream(body),
            UseChunkEncoding = useChunks,
            DisablePayloadSigning = disableSigning,
        });
        using var got = await _s3.GetObjectAsync(_bucket, key);
        (await ReadAsync(got)).ShouldBe(body);
        got.ETag.ShouldBe($"\"{Convert.ToHexStringLower(MD5.HashData(body))}\"");
    }

    private async Task EmptyAsync()
    {
        await _s3.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = "empty", ContentBody = "" });
        (await _s3.GetObjectMetadataAsync(_bucket, "empty")).ContentLength.ShouldBe(0);
    }

    private async Task TransferAsync()
    {
        byte[] body = Content(64 * Mib, 2);
        using var transfer = new TransferUtility(_s3);
        await transfer.UploadAsync(new MemoryStream(body), _bucket, "transfer");
        await using var back = await transfer.OpenStreamAsync(_bucket, "transfer");
        using var buffer = new MemoryStream();
        await back.CopyToAsync(buffer);
        buffer.ToArray().AsSpan().SequenceEqual(body).ShouldBeTrue();
    }

    private async Task MetadataAsync()
    {
        var put = new PutObjectRequest
        {
            BucketName = _bucket,
            Key = "meta",
            ContentBody = "x",
            ContentType = "text/odd",
        };
        put.Metadata.Add("shape", "round");
        put.Headers.CacheControl = "max-age=7";
        await _s3.PutObjectAsync(put);
        var head = await _s3.GetObjectMetadataAsync(_bucket, "meta");
        head.Metadata["shape"].ShouldBe("round");
        head.Headers.ContentType.ShouldBe("text/odd");
        head.Headers.CacheControl.ShouldBe("max-age=7");
    }

    private async Task RangeAsync()
    {
        using var got = await _s3.GetObjectAsync(new GetObjectRequest
        {
            BucketName = _bucket,
            Key = "transfer",
            ByteRange = new ByteRange(4 * Mib - 3, 4 * Mib + 2),
        });
        (await ReadAsync(got)).ShouldBe(Content(64 * Mib, 2)[(4 * Mib - 3)..(4 * Mib + 3)]);
    }

    private async Task ListAsync()
    {
        foreach (string key in new[] { "l/a/1", "l/a/2", "l/b", "l/c/1" })
        {
            await _s3.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = key, ContentBody = key });
        }

        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = "l/", Delimiter = "/", MaxKeys = 2 };
        var items = new List<string>();
        ListObjectsV2Response page;
        do
        {
            page = await _s3.ListObjectsV2Async(request);
            items.AddRange((page.CommonPrefixes ?? []).Concat((page.S3Objects ?? []).Select(item => item.Key)));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        items.ShouldBe(["l/a/", "l/b", "l/c/"]);
    }

    private async Task CopyAsync()
    {
        await _s3.CopyObjectAsync(_bucket, "transfer", _bucket, "copied");
        var upload = await _s3.InitiateMultipartUploadAsync(_bucket, "assembled");
        var part = await _s3.CopyPartAsync(new CopyPartRequest
        {
            SourceBucket = _bucket,
            SourceKey = "copied",
            DestinationBucket = _bucket,
            DestinationKey = "assembled",
            UploadId = upload.UploadId,
            PartNumber = 1,
            FirstByte = 1,
            LastByte = 6 * Mib,
        });
        await _s3.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = _bucket,
            Key = "assembled",
            UploadId = upload.UploadId,
            PartETags = [new PartETag(1, part.ETag)],
        });
        using var got = await _s3.GetObjectAsync(_bucket, "assembled");
        (await ReadAsync(got)).AsSpan().SequenceEqual(Content(64 * Mib, 2).AsSpan(1, 6 * Mib)).ShouldBeTrue();
    }

    private async Task PresignAsync()
    {
        using var http = new HttpClient();
        string put = await _s3.GetPreSignedURLAsync(Presign("presigned", HttpVerb.PUT));
        (await http.PutAsync(put, new ByteArrayContent([1, 2, 3]))).StatusCode.ShouldBe(HttpStatusCode.OK);
        string get = await _s3.GetPreSignedURLAsync(Presign("presigned", HttpVerb.GET));
        (await http.GetByteArrayAsync(get)).ShouldBe([1, 2, 3]);
    }

    private GetPreSignedUrlRequest Presign(string key, HttpVerb verb) => new()
    {
        BucketName = _bucket,
        Key = key,
        Verb = verb,
        Expires = DateTime.UtcNow.AddMinutes(5),
        Protocol = _s3.Config.ServiceURL!.StartsWith("https", StringComparison.Ordinal)
            ? Protocol.HTTPS
            : Protocol.HTTP,
    };

    private async Task ConditionalAsync()
    {
        var attempts = Enumerable.Range(0, 16).Select(async number =>
        {
            try
            {
                await _s3.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = _bucket,
                    Key = "once",
                    ContentBody = $"{number}",
                    IfNoneMatch = "*",
                });
                return 1;
            }
            catch (AmazonS3Exception fault)
                when (fault.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
            {
                return 0;
            }
        });
        (await Task.WhenAll(attempts)).Sum().ShouldBe(1);
    }

    private async Task ErrorsAsync()
    {
        (await Should.ThrowAsync<AmazonS3Exception>(() => _s3.GetObjectAsync(_bucket, "absent")))
            .ErrorCode.ShouldBe("NoSuchKey");
        (await Should.ThrowAsync<AmazonS3Exception>(() => _s3.PutBucketAsync("Not_A_Bucket")))
            .ErrorCode.ShouldBe("InvalidBucketName");
        (await Should.ThrowAsync<AmazonS3Exception>(() => _s3.DeleteBucketAsync(_bucket)))
            .ErrorCode.ShouldBe("BucketNotEmpty");
    }

    private async Task CleanAsync()
    {
        var page = await _s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket });
        var answer = await _s3.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = _bucket,
            Objects = [.. page.S3Objects.Select(item => new KeyVersion { Key = item.Key })],
        });
        answer.DeletedObjects.Count.ShouldBe(page.S3Objects.Count);
        await _s3.DeleteBucketAsync(_bucket);
    }
}
