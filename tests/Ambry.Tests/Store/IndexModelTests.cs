using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Testing;
using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

/// <summary>
/// An index under appends, rolls, flushes, compaction cycles, bit rot and restarts, against the records that are live.
/// </summary>
public class IndexModelTests(ITestOutputHelper output)
{
    private const int Ids = 25;

    private enum Step
    {
        Append,
        Roll,
        Flush,
        Checkpoint,
        Compact,
        Rot,
        Reopen,
        ReopenAfterCheckpoint,
    }

    [Fact]
    public async Task Index_knows_exactly_the_live_records()
    {
        int cycles = 0;
        long rebuilt = 0;
        await Gen.Select(
                Gen.Frequency(
                    (12, Gen.Const(Step.Append)),
                    (2, Gen.Const(Step.Roll)),
                    (1, Gen.Const(Step.Flush)),
                    (1, Gen.Const(Step.Checkpoint)),
                    (2, Gen.Const(Step.Compact)),
                    (1, Gen.Const(Step.Rot)),
                    (1, Gen.Const(Step.Reopen)),
                    (1, Gen.Const(Step.ReopenAfterCheckpoint))),
                Gen.Int[0, 1_000_000])
            .Array[1, 60]
            .SampleAsync(
                async steps =>
                {
                    using Subject subject = await Subject.NewAsync();
                    foreach ((Step step, int number) in steps)
                    {
                        await subject.DoAsync(step, number);
                        if (step is Step.Compact or Step.Reopen)
                        {
                            await subject.CheckAsync();
                        }
                    }

                    await subject.CheckAsync();

                    Interlocked.Add(ref cycles, subject.Cycles);
                    Interlocked.Add(ref rebuilt, subject.Rebuilt);
                },
                iter: 100,
                print: steps => string.Join(", ", steps.Select(step => $"{step.Item1} {step.Item2}")));
        output.WriteLine($"{cycles} compaction cycles, {rebuilt} files made anew while running");
        cycles.ShouldBeGreaterThan(0);
        rebuilt.ShouldBeGreaterThan(0);
    }

    private sealed class Subject : IDisposable
    {
        private readonly SimDisk _disk = NewDisk();
        private readonly FakeLog _log = new();
        private BlobIndex _index = null!;

        public int Cycles { get; private set; }

        public long Rebuilt { get; private set; }

        public static async Task<Subject> NewAsync()
        {
            var subject = new Subject();
            (subject._index, _) = await RecoverAsync(subject._disk, subject._log, rollEntries: 4, journalEntries: 6);
            return subject;
        }

        public async Task DoAsync(Step step, int number)
        {
            switch (step)
            {
                case Step.Append:
                    for (int i = 0; i < 1 + (number % 7); i++)
                    {
                        _index.Add(_log.Append((number + (i * 7)) % Ids, Kind((number / 10) + i)));
                    }

                    break;
                case Step.Roll when _log.Segments[^1].LastLsn >= _log.Segments[^1].FirstLsn:
                    _log.Roll();
                    break;
                case Step.Flush or Step.Checkpoint:
                    await _index.FlushAsync(step == Step.Checkpoint, _log.DurableLsn, CancellationToken.None);
                    break;
                case Step.Compact:
                    await CompactAsync(number);
                    break;
                case Step.Rot:
                    Rot(number);
                    break;
                case Step.Reopen or Step.ReopenAfterCheckpoint:
                    await ReopenAsync(step == Step.ReopenAfterCheckpoint);
                    break;
                default:
                    break;
            }
        }

        public async Task CheckAsync()
        {
            IndexEntry[] live = [.. _log.Records];
            (await AllAsync(_index)).ShouldBe(live);
            _index.Counts.ShouldBe(IndexCounts.Of(live));
            for (int number = 0; number < Ids + 2; number++)
            {
                IndexEntry[] all = [.. live.Where(entry => entry.Id == StoreKit.Id(number)).Reverse()];
                var found = new List<IndexEntry>();
                await _index.FindAllAsync(StoreKit.Id(number), found, CancellationToken.None);
                found.ShouldBe(all);
                foreach (StoreRecordKind? kind in new StoreRecordKind?[] { null, StoreRecordKind.Put })
                {
                    IndexEntry? newest = await _index.FindAsync(StoreKit.Id(number), kind, CancellationToken.None);
                    newest.ShouldBe(all.Select(entry => (IndexEntry?)entry)
                        .FirstOrDefault(entry => kind is null || entry!.Value.Kind == kind));
                }
            }

            await CheckTokensAsync(live);
        }

        public void Dispose() => _index.Dispose();

        /// <summary>A replica that follows in small steps gets every live record once, and comes to the end.</summary>
        private async Task CheckTokensAsync(IndexEntry[] live)
        {
            var collected = new List<IndexEntry>();
            long token = 0;
            while (token < _log.DurableLsn)
            {
                var some = new List<IndexEntry>();
                long coveredTo = await _index.CollectSinceAsync(token, 3, some, CancellationToken.None);
                coveredTo.ShouldBeGreaterThan(token);
                some.Count.ShouldBeLessThanOrEqualTo(3);
                some.ShouldAllBe(entry => entry.Lsn > token && entry.Lsn <= coveredTo);
                collected.AddRange(some);
                token = coveredTo;
            }

            collected.ShouldBe(live);
            long from = _log.DurableLsn / 2;
            (List<StoreEntry> since, long end) = await _index.FindSinceAsync(from, 1000, CancellationToken.None);
            end.ShouldBe(_log.DurableLsn);
            since.Select(entry => entry.Lsn).Intersect(live.Select(entry => entry.Lsn))
                .ShouldBe(live.Where(entry => entry.Lsn > from).Select(entry => entry.Lsn));
        }

        private async Task CompactAsync(int number)
        {
            LogSegmentState[] sealedOnes = [.. _log.Segments.Where(segment => !segment.IsTail)];
            if (sealedOnes.Length == 0)
            {
                return;
            }

            int first = number % sealedOnes.Length;
            int last = Math.Min(sealedOnes.Length - 1, first + (number / 7 % 3));
            LogSegmentState end = sealedOnes[last];
            long lastLsn = end.FirstLsn + (number / 11 % (end.LastLsn - end.FirstLsn + 1));
            int keep = number / 13 % 4;
            await using var cycle = new IndexCycle(
                _index,
                _log,
                IndexCycle.Target(Cycles),
                sealedOnes[first].FirstLsn,
                lastLsn,
                entry => keep != 0 && (entry.Lsn + number) % (keep + 1) != 0);
            Cycles++;
            if (number % 5 == 0)
            {
                // Gives up half way.
                await cycle.CopyAsync();
                if (number % 10 == 0)
                {
                    await cycle.CompleteAsync();
                }

                return;
            }

            await cycle.RunAsync();
        }

        private void Rot(int number)
        {
            string[] names = [.. _disk.ListFiles(Folder)];
            if (names.Length > 0)
            {
                string path = $"{Folder}/{names[number % names.Length]}";
                _disk.FlipBit(path, number / 3 % _disk.Contents(path).Length, number % 8);
            }
        }

        private async Task ReopenAsync(bool checkpoint)
        {
            if (checkpoint)
            {
                await _index.FlushAsync(checkpoint: true, _log.DurableLsn, CancellationToken.None);
            }

            Rebuilt += _index.RebuiltFiles;
            _index.Dispose();
            (_index, _) = await RecoverAsync(_disk, _log, rollEntries: 4, journalEntries: 6);
        }
    }
}
