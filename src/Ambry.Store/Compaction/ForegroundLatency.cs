using System.Numerics;

namespace Ambry.Store.Compaction;

/// <summary>
/// How long reads and writes of clients took lately, so that background work can give way. Callers of any thread
/// record without waiting; one pacer takes the answer. 64 counters: a bucket is half an octave of microseconds.
/// </summary>
public sealed class ForegroundLatency
{
    private const int Buckets = 64;
    private const double Percentile = 0.95;
    private const long BytesPerUnit = 1024 * 1024;

    private readonly int[] _counts = new int[Buckets];

    /// <summary>
    /// Remembers one operation. What moves more than a MiB counts as the time of one MiB, as in the original: large
    /// operations take long on an idle disk too.
    /// </summary>
    public void Record(TimeSpan elapsed, long bytes)
    {
        long units = Math.Max(1, (bytes + BytesPerUnit - 1) / BytesPerUnit);
        Interlocked.Increment(ref _counts[BucketOf(Math.Max(0, (long)elapsed.TotalMicroseconds) / units)]);
    }

    /// <summary>The 95th percentile of what was recorded since the last call; zero when nothing was.</summary>
    public TimeSpan TakePercentile()
    {
        Span<int> counts = stackalloc int[Buckets];
        long total = 0;
        for (int i = 0; i < Buckets; i++)
        {
            counts[i] = Interlocked.Exchange(ref _counts[i], 0);
            total += counts[i];
        }

        if (total == 0)
        {
            return TimeSpan.Zero;
        }

        long below = 0;
        int bucket = -1;
        do
        {
            bucket++;
            below += counts[bucket];
        }
        while (below < total * Percentile);

        return TimeSpan.FromMicroseconds(EndOf(bucket));
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < 2)
        {
            return (int)microseconds;
        }

        int octave = BitOperations.Log2((ulong)microseconds);
        int half = (int)(microseconds >> (octave - 1)) & 1;
        return Math.Min(Buckets - 1, (2 * octave) + half);
    }

    /// <summary>The longest time that falls into a bucket, or just above it.</summary>
    private static long EndOf(int bucket) =>
        bucket < 2 ? bucket : (3L + (bucket & 1)) << ((bucket / 2) - 1);
}
