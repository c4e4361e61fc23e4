using System.Collections.Concurrent;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Store.Crash;

/// <summary>
/// Damage to each file of a store: the answer is right, or says that a blob or the store is damaged. Never wrong bytes,
/// never a blob that is gone or back without a word.
/// </summary>
public class RotTests(ITestOutputHelper output)
{
    // Odd, so that flips wander through every field; long runs of content are sampled more thinly still.
    private const int Stride = 7;
    private const int StrideOfContent = 205;

    private static readonly RotWorld World = RotWorld.Create();

    private readonly ConcurrentDictionary<(string Kind, RotOutcome Outcome), int> _outcomes = [];

    [Fact]
    public void A_flipped_bit_is_noticed_or_harmless_when_the_store_is_opened()
    {
        ForEachByte(World, World.Files, (disk, file, offset, bit, what) =>
        {
            disk.FlipBit(file, offset, bit);
            return World.TryAsync(disk, what);
        });
        Report(3000);
    }

    [Fact]
    public void A_flipped_bit_in_the_newest_segment_after_a_kill_costs_at_most_the_last_record()
    {
        var killed = RotWorld.CreateKilled();
        ForEachByte(killed, [killed.Files.Last(file => KindOf(file) == "ordinary")], (disk, file, offset, bit, what) =>
        {
            disk.FlipBit(file, offset, bit);
            return killed.TryAsync(disk, what);
        });
        Report(500);
        _outcomes.Keys.ShouldContain(key => key.Outcome == RotOutcome.Quarantined);
    }

    [Fact]
    public void A_flipped_bit_under_a_running_store_is_noticed_or_harmless()
    {
        ForEachByte(World, World.Files, (disk, file, offset, bit, what) =>
            World.TryRunningAsync(disk, running => running.FlipBit(file, offset, bit), what));
        Report(3000);
    }

    [Fact]
    public void A_missing_or_shortened_file_is_noticed_or_made_anew()
    {
        foreach (string file in World.Files)
        {
            Try(file, $"{file} is missing", disk => disk.Delete(file));
            byte[] bytes = World.Disk.Contents(file);
            foreach (int length in new[] { 0, 1, bytes.Length / 3, bytes.Length / 2, bytes.Length - 1 })
            {
                Try(file, $"{file} has {length} bytes", disk => disk.Overwrite(file, bytes.AsSpan(0, length)));
            }
        }

        Report(40);
    }

    [Fact]
    public void A_file_in_the_place_of_another_is_noticed_or_made_anew()
    {
        List<string> files = [.. World.Files];
        foreach (string file in files)
        {
            foreach (string other in files.Where(other => other != file))
            {
                byte[] bytes = World.Disk.Contents(other);
                Try(file, $"{other} stands in the place of {file}", disk => disk.Overwrite(file, bytes));
            }
        }

        Report(40);
    }

    private static string KindOf(string file) => file[(file.LastIndexOf('/') + 1)..] switch
    {
        var name when name.EndsWith(".index", StringComparison.Ordinal) => "index",
        var name when name.StartsWith("2147", StringComparison.Ordinal) => "compacted",
        var name when name.EndsWith(".log", StringComparison.Ordinal) => "ordinary",
        var name => name,
    };

    private void Try(string file, string what, Action<SimDisk> damage) => OneThread.Run(async () =>
    {
        SimDisk disk = World.Disk.Copy();
        damage(disk);
        Count(file, await World.TryAsync(disk, what));
    });

    private void ForEachByte(
        RotWorld world, IEnumerable<string> files, Func<SimDisk, string, int, int, string, Task<RotOutcome>> attempt)
    {
        foreach (string file in files)
        {
            List<int> offsets = OffsetsOf(world.Disk.Contents(file));
            Parallel.ForEach(offsets, offset =>
            {
                int bit = (offset / Stride) % 8;
                string what = $"bit {bit} of byte {offset} of {file}";
                OneThread.Run(async () => Count(file, await attempt(world.Disk.Copy(), file, offset, bit, what)));
            });
        }
    }

    /// <summary>A dense sample of bytes, thinner within the content of large blobs and within runs of zeros.</summary>
    private static List<int> OffsetsOf(byte[] bytes)
    {
        HashSet<int> thin = [];
        for (int blob = 0; blob < CrashKit.Blobs; blob++)
        {
            byte[] content = CrashKit.Content(blob);
            int at = content.Length > 200 ? bytes.AsSpan().IndexOf(content) : -1;
            thin.UnionWith(at < 0 ? [] : Enumerable.Range(at + 16, content.Length - 32));
        }

        return [.. Enumerable.Range(0, bytes.Length)
            .Where(offset => offset % (IsThin(offset) ? StrideOfContent : Stride) == 0)];

        bool IsThin(int offset) =>
            thin.Contains(offset) || (offset > 64 && bytes.AsSpan(offset - 32, 32).IndexOfAnyExcept((byte)0) < 0);
    }

    private void Count(string file, RotOutcome outcome) =>
        _outcomes.AddOrUpdate((KindOf(file), outcome), 1, (_, count) => count + 1);

    private void Report(int least)
    {
        foreach (((string kind, RotOutcome outcome), int count) in _outcomes.OrderBy(pair => pair.Key))
        {
            output.WriteLine($"{kind}: {outcome} {count} times");
        }

        _outcomes.Values.Sum().ShouldBeGreaterThan(least);
    }
}
