using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// Writers and readers that go on whatever happens to nodes, and remember what was acknowledged. A request that is
/// answered 503 is sent again until it succeeds; how long that took is kept, and every other error is a fault. Thread
/// safe.
/// </summary>
internal sealed class ObjectLoad(AmazonS3Client s3, string bucket, int seed)
{
    private const int Writers = 4;
    private const int Readers = 4;
    private const int LargeBytes = (5 * 1024 * 1024) + 1234;

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProgressLimit = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, string> _acknowledged = [];
    private readonly ConcurrentDictionary<string, byte> _deleted = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly SemaphoreSlim _progress = new(0);
    private readonly List<string> _readable = [];
    private readonly Lock _gate = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private long _longestRefusalTicks;
    private long _slowestTicks;
    private int _refusals;
    private int _reads;

    public int Acknowledged => _acknowledged.Count;

    public int Deleted => _deleted.Count;

    public int Reads => _reads;

    public int Refusals => _refusals;

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>The longest time from a 503 until the same request succeeded.</summary>
    public TimeSpan LongestRefusal => new(Interlocked.Read(ref _longestRefusalTicks));

    /// <summary>The longest time that a request took, with all its repetitions.</summary>
    public TimeSpan Slowest => new(Interlocked.Read(ref _slowestTicks));

    /// <summary>Goes on until the token stops it; what is under way is finished.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, stop))
            .Concat(Enumerable.Range(0, Readers).Select(reader => ReadAsync(reader, stop))));

    /// <summary>Waits until so many more requests have succeeded.</summary>
    public async Task WaitForProgressAsync(int requests)
    {
        // What was counted before does not speak of the time from now on.
        while (_progress.CurrentCount > 0 && await _progress.WaitAsync(TimeSpan.Zero))
        {
        }

        for (int i = 0; i < requests; i++)
        {
            (await _progress.WaitAsync(ProgressLimit)).ShouldBeTrue(
                $"No request succeeded for {ProgressLimit}. Faults: {string.Join("; ", _faults.Take(5))}");
        }
    }

    /// <summary>Reads every object that must be there, and asks for every one that must not.</summary>
    public async Task VerifyAsync()
    {
        foreach (var (key, hash) in _acknowledged)
        {
            (await HashAsync(key)).ShouldBe(hash, key);
        }

        foreach (string key in _deleted.Keys)
        {
            var gone = await Should.ThrowAsync<AmazonS3Exception>(() => s3.GetObjectMetadataAsync(bucket, key), key);
            gone.StatusCode.ShouldBe(HttpStatusCode.NotFound, key);
        }
    }

    private async Task WriteAsync(int writer, CancellationToken stop)
    {
        var random = new Random(seed + writer);
        for (int number = 0; !stop.IsCancellationRequested; number++)
        {
            string key = $"w{writer}/{number:D6}";
            byte[] body = new byte[number % 25 == 24 ? LargeBytes : random.Next(64 * 1024)];
            random.NextBytes(body);
            if (!await SucceedAsync($"PUT {key}", () => PutAsync(key, body)))
            {
                return;
            }

            _acknowledged[key] = Convert.ToHexStringLower(MD5.HashData(body));
            lock (_gate)
            {
                _readable.Add(key);
            }

            if (number % 5 == 4)
            {
                await DeleteAsync($"w{writer}/{number - 2:D6}");
            }
        }
    }

    private async Task DeleteAsync(string key)
    {
        _acknowledged.TryRemove(key, out _);
        if (await SucceedAsync($"DELETE {key}", () => s3.DeleteObjectAsync(bucket, key)))
        {
            _deleted[key] = 0;
        }
    }

    private async Task ReadAsync(int reader, CancellationToken stop)
    {
        var random = new Random(seed + 1000 + reader);
        while (!stop.IsCancellationRequested)
        {
            string? key;
            lock (_gate)
            {
                key = _readable.Count == 0 ? null : _readable[random.Next(_readable.Count)];
            }

            if (key is null || !_acknowledged.TryGetValue(key, out string? wanted))
            {
                await Task.Yield();
                continue;
            }

            string? got = null;
            if (!await SucceedAsync($"GET {key}", async () => got = await HashOrGoneAsync(key, wanted)))
            {
                return;
            }

            if (got != wanted)
            {
                _faults.Enqueue($"GET {key} has the MD5 {got}, {wanted} was put.");
            }

            Interlocked.Increment(ref _reads);
        }
    }

    private Task PutAsync(string key, byte[] body) => s3.PutObjectAsync(new PutObjectRequest
    {
        BucketName = bucket,
        Key = key,
        InputStream = new MemoryStream(body),
    });

    /// <summary>What was wanted when a writer has deleted the object in the meantime.</summary>
    private async Task<string> HashOrGoneAsync(string key, string wanted)
    {
        try
        {
            return await HashAsync(key);
        }
        catch (AmazonS3Exception gone) when (gone.StatusCode == HttpStatusCode.NotFound
            && !_acknowledged.ContainsKey(key))
        {
            return wanted;
        }
    }

    private async Task<string> HashAsync(string key)
    {
        using var got = await s3.GetObjectAsync(bucket, key);
        return Convert.ToHexStringLower(await MD5.HashDataAsync(got.ResponseStream));
    }

    /// <summary>False after an error that is not 503.</summary>
    private async Task<bool> SucceedAsync(string what, Func<Task> request)
    {
        long began = _time.GetTimestamp();
        long refusedAt = 0;
        using var again = new PeriodicTimer(Again);
        while (true)
        {
            try
            {
                await request();
                Note(ref _slowestTicks, _time.GetElapsedTime(began));
                if (refusedAt != 0)
                {
                    Note(ref _longestRefusalTicks, _time.GetElapsedTime(refusedAt));
                }

                _progress.Release();
                return true;
            }
            catch (AmazonServiceException refused) when (refused.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Interlocked.Increment(ref _refusals);
                refusedAt = refusedAt == 0 ? _time.GetTimestamp() : refusedAt;
                await again.WaitForNextTickAsync();
            }
            catch (Exception fault) when (fault is AmazonServiceException or HttpRequestException or IOException)
            {
                _faults.Enqueue($"{what} after {_time.GetElapsedTime(began)}: {fault.GetType().Name} {fault.Message}");
                return false;
            }
        }
    }

    private static void Note(ref long longest, TimeSpan took)
    {
        long seen = Interlocked.Read(ref longest);
        while (took.Ticks > seen)
        {
            long before = Interlocked.CompareExchange(ref longest, took.Ticks, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
