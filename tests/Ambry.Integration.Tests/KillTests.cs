using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>
/// kill -9 of the real process under load: what was acknowledged is there, whole, and start-up needs no help.
/// </summary>
public sealed class KillTests
{
    private const int Rounds = 5;
    private const int Writers = 8;
    private const int Seed = 20_261;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, string> _acknowledged = [];
    private readonly ConcurrentDictionary<string, byte> _deleted = [];

    [Fact]
    public async Task Kill_under_load_loses_nothing_acknowledged()
    {
        await using var ambry = new AmbryProcess();
        for (int round = 0; round < Rounds; round++)
        {
            await ambry.StartAsync();
            using var s3 = AmbryFixture.Connect(ambry);
            if (round == 0)
            {
                await s3.PutBucketAsync("kept");
            }

            await VerifyAsync(s3);
            await KillDuringLoadAsync(ambry, s3, round);
        }

        await ambry.StartAsync();
        using var last = AmbryFixture.Connect(ambry);
        await VerifyAsync(last);
        _acknowledged.Count.ShouldBeGreaterThan(Rounds * Writers);
        (await ambry.TerminateAsync()).ShouldBe(0);
    }

    private static byte[] Content(int round, int writer, int number)
    {
        var random = new Random(HashCode.Combine(Seed, round, writer, number) & 0x7fffffff);
        int size = number % 20 == 19 ? 5 * 1024 * 1024 + random.Next(1000) : random.Next(64 * 1024);
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// Writers go on until the store is gone; the kill comes after a number of writes that differs by round.
    /// </summary>
    private async Task KillDuringLoadAsync(AmbryProcess ambry, AmazonS3Client s3, int round)
    {
        using var answers = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, Writers)
            .Select(writer => WriteUntilGoneAsync(s3, round, writer, answers)).ToList();
        for (int left = Writers * (5 + (7 * round)); left > 0; left--)
        {
            (await answers.WaitAsync(AnswerLimit)).ShouldBeTrue("The store stopped answering before it was killed.");
        }

        await ambry.KillAsync();
        await Task.WhenAll(writers);
    }

    private async Task WriteUntilGoneAsync(AmazonS3Client s3, int round, int writer, SemaphoreSlim answers)
    {
        for (int number = 0; ; number++)
        {
            string key = $"r{round}/w{writer}/{number}";
            byte[] body = Content(round, writer, number);
            try
            {
                await s3.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = "kept",
                    Key = key,
                    InputStream = new MemoryStream(body),
                });
                _acknowledged[key] = Convert.ToHexStringLower(MD5.HashData(body));
                answers.Release();
                if (number % 5 == 4)
                {
                    await DeleteAsync(s3, $"r{round}/w{writer}/{number - 1}");
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or AmazonS3Exception or IOException
                or Amazon.Runtime.AmazonServiceException)
            {
                return;
            }
        }
    }

    /// <summary>From the request on the object may be gone; from the answer on it must be.</summary>
    private async Task DeleteAsync(AmazonS3Client s3, string key)
    {
        _acknowledged.TryRemove(key, out _);
        await s3.DeleteObjectAsync("kept", key);
        _deleted[key] = 0;
    }

    private async Task VerifyAsync(AmazonS3Client s3)
    {
        var listed = new Dictionary<string, string>();
        var request = new ListObjectsV2Request { BucketName = "kept" };
        ListObjectsV2Response page;
        do
        {
            page = await s3.ListObjectsV2Async(request);
            foreach (var item in page.S3Objects ?? [])
            {
                listed[item.Key] = item.ETag;
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);

        _acknowledged.Keys.Where(key => !listed.ContainsKey(key)).ShouldBeEmpty();
        _deleted.Keys.Where(listed.ContainsKey).ShouldBeEmpty();

        // Also what was never acknowledged: a listed name must have all its bytes.
        foreach (var (key, tag) in listed)
        {
            using var got = await s3.GetObjectAsync("kept", key);
            string hash = Convert.ToHexStringLower(await MD5.HashDataAsync(got.ResponseStream));
            tag.ShouldBe($"\"{hash}\"", key);
            if (_acknowledged.TryGetValue(key, out string? wanted))
            {
                hash.ShouldBe(wanted, key);
            }
        }
    }
}
