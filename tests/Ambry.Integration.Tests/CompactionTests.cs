using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>The real process gives the space of deleted objects back to the file system.</summary>
public sealed class CompactionTests
{
    private const string Bucket = "space";
    private const int Objects = 60;
    private const int ObjectBytes = 5 * 1024 * 1024;
    private const long MiB = 1024 * 1024;

    /// <summary>Each of the four partitions keeps one segment to append to, and the mapping has its own.</summary>
    private static readonly string[] Words = ["--segment-size", "8MiB", "--deleted-retention", "0s"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_disk_usage_falls_when_most_objects_are_deleted()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync([.. Words, "--compaction-rate", "0"]);
        using var s3 = AmbryFixture.Connect(ambry);
        await FillAsync(s3);
        long full = await DiskUsageAsync(ambry);
        full.ShouldBeGreaterThan(Objects * (long)ObjectBytes);
        await DeleteMostAsync(s3);
        long freed = await CompactUntilAsync(ambry, 200 * MiB);
        long after = await DiskUsageAsync(ambry);
        after.ShouldBeLessThan(full - (200 * MiB));
        (full - after).ShouldBeInRange(freed - (8 * MiB), freed + (8 * MiB));
        await ShouldHoldAsync(s3);
        (await ambry.TerminateAsync()).ShouldBe(0);

        await ambry.StartAsync(Words);
        using var again = AmbryFixture.Connect(ambry);
        await ShouldHoldAsync(again);
    }

    [Fact]
    public async Task The_space_comes_back_too_when_a_compaction_is_killed()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync([.. Words, "--compaction-rate", "0"]);
        using (var s3 = AmbryFixture.Connect(ambry))
        {
            await FillAsync(s3);
            await DeleteMostAsync(s3);
        }

        long full = await DiskUsageAsync(ambry);
        (await ambry.TerminateAsync()).ShouldBe(0);
        for (int kill = 0; kill < 3; kill++)
        {
            await KillWhileCompactingAsync(ambry);
        }

        await ambry.StartAsync([.. Words, "--compaction-rate", "0"]);
        using var last = AmbryFixture.Connect(ambry);
        await ShouldHoldAsync(last);
        using (var http = new HttpClient())
        {
            await CompactAsync(http, ambry);
        }

        long after = await DiskUsageAsync(ambry);
        after.ShouldBeLessThan(full - (200 * MiB));
        await ShouldHoldAsync(last);
        (await ambry.TerminateAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Only_an_operator_asks_for_a_compaction()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync(Words);
        using var http = new HttpClient();
        var address = new Uri(ambry.AdminEndpoint + "/compact");
        using var get = await http.GetAsync(address);
        get.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        get.Content.Headers.Allow.ShouldBe(["POST"]);
        using var page = new HttpRequestMessage(HttpMethod.Post, address);
        page.Headers.Add("Origin", "http://example.com");
        using var refused = await http.SendAsync(page);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using JsonDocument round = await CompactAsync(http, ambry);
        round.RootElement.GetProperty("partitions").GetArrayLength().ShouldBe(4);
        round.RootElement.GetProperty("failed").GetInt32().ShouldBe(0);
    }

    private static byte[] Content(int number)
    {
        var bytes = new byte[ObjectBytes];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    private static bool IsKept(int number) => number % 10 == 0;

    private static async Task FillAsync(AmazonS3Client s3)
    {
        await s3.PutBucketAsync(Bucket);
        for (int number = 0; number < Objects; number++)
        {
            using var body = new MemoryStream(Content(number));
            await s3.PutObjectAsync(new PutObjectRequest
            {
                BucketName = Bucket,
                Key = Key(number),
                InputStream = body,
            });
        }
    }

    private static async Task DeleteMostAsync(AmazonS3Client s3) => await s3.DeleteObjectsAsync(new DeleteObjectsRequest
    {
        BucketName = Bucket,
        Objects = [.. Enumerable.Range(0, Objects).Where(n => !IsKept(n)).Select(n => new KeyVersion { Key = Key(n) })],
    });

    private static async Task ShouldHoldAsync(AmazonS3Client s3)
    {
        for (int number = 0; number < Objects; number += 10)
        {
            using var got = await s3.GetObjectAsync(Bucket, Key(number));
            byte[] hash = await SHA256.HashDataAsync(got.ResponseStream);
            hash.ShouldBe(SHA256.HashData(Content(number)), Key(number));
        }
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"object-{number:D3}");

    /// <summary>
    /// Deleted objects' blobs are reclaimed in the background, so it takes rounds; answers the bytes they freed.
    /// </summary>
    private static async Task<long> CompactUntilAsync(AmbryProcess ambry, long wanted)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(Limit);
        long freed = 0;
        while (freed < wanted)
        {
            limit.Token.ThrowIfCancellationRequested();
            using JsonDocument round = await CompactAsync(http, ambry);
            freed += round.RootElement.GetProperty("bytesFreed").GetInt64();
        }

        return freed;
    }

    /// <summary>Asks again while a round goes on that began by itself.</summary>
    private static async Task<JsonDocument> CompactAsync(HttpClient http, AmbryProcess ambry)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            using var answer = await http.PostAsync(
                new Uri(ambry.AdminEndpoint + "/compact"), content: null, limit.Token);
            string body = await answer.Content.ReadAsStringAsync(limit.Token);
            if (answer.StatusCode != HttpStatusCode.Conflict)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
                return JsonDocument.Parse(body);
            }
        }
    }

    /// <summary>Killed once the first cycle has begun to copy, at a rate that keeps it from ending.</summary>
    private static async Task KillWhileCompactingAsync(AmbryProcess ambry)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Path.Combine(ambry.DataFolder, "disk0"), "2147483*.log")
        {
            IncludeSubdirectories = true,
            EnableRaisingEvents = true,
        };
        watcher.Created += (_, _) => begun.TrySetResult();

        // A start looks for garbage by itself.
        await ambry.StartAsync([.. Words, "--compaction-rate", "1MiB"]);
        await begun.Task.WaitAsync(Limit);
        await ambry.KillAsync();
    }

    private static async Task<long> DiskUsageAsync(AmbryProcess ambry)
    {
        var start = new ProcessStartInfo("du", ["-s", "-B1", Path.Combine(ambry.DataFolder, "disk0")])
        {
            RedirectStandardOutput = true,
        };
        using var du = Process.Start(start)!;
        string line = await du.StandardOutput.ReadToEndAsync();
        await du.WaitForExitAsync();
        return long.Parse(line.Split('\t')[0], CultureInfo.InvariantCulture);
    }
}
