using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using CsCheck;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

/// <summary>Random appends, rewrites, truncations and ends of a log, against a sorted dictionary.</summary>
public sealed class LogRewriteModelTests
{
    private enum Op
    {
        Append,
        Rewrite,
        RewriteMiddle,
        DropAll,
        GiveUp,
        Truncate,
        Reopen,
        Kill,
        Crash,
    }

    private static readonly Gen<(Op Op, int Seed)[]> Histories = Gen.Select(
        Gen.Frequency(
            (4, Gen.Const(Op.Append)),
            (5, Gen.Const(Op.Rewrite)),
            (4, Gen.Const(Op.RewriteMiddle)),
            (1, Gen.Const(Op.DropAll)),
            (1, Gen.Const(Op.GiveUp)),
            (1, Gen.Const(Op.Truncate)),
            (1, Gen.Const(Op.Reopen)),
            (1, Gen.Const(Op.Kill)),
            (2, Gen.Const(Op.Crash))),
        Gen.Int[0, 1_000_000]).Array[1, 25];

    // CsCheck prints the seed and the shortest history that fails.
    [Fact]
    public void A_log_that_is_rewritten_holds_what_a_dictionary_holds() =>
        Histories.Sample(history => OneThread.Run(() => new Run().Play(history)), iter: 120, threads: 1);

    private sealed class Run
    {
        private readonly SortedDictionary<long, int> _model = [];
        private readonly Dictionary<long, LogPosition> _positions = [];
        private SimDisk _disk = new();
        private AppendLog _log = null!;

        public async Task Play((Op Op, int Seed)[] history)
        {
            _log = await Open(_disk);
            await AppendSome(new Random(1), 12);
            foreach ((Op op, int seed) in history)
            {
                await Do(op, new Random(seed), seed);
                await Check();
            }

            await _log.DisposeAsync();
        }

        private async Task Do(Op op, Random random, int seed)
        {
            switch (op)
            {
                case Op.Append:
                    await AppendSome(random, random.Next(1, 12));
                    break;
                case Op.Rewrite or Op.RewriteMiddle or Op.DropAll or Op.GiveUp:
                    await RewriteSome(op, random);
                    break;
                case Op.Truncate:
                    await Truncate(random.NextInt64(1, _log.DurableLsn + 2));
                    break;
                case Op.Reopen:
                    await _log.DisposeAsync();
                    await OpenAgain(_disk.Kill());
                    break;
                default:
                    await OpenAgain(op == Op.Kill ? _disk.Kill() : _disk.Crash(seed));
                    break;
            }
        }

        private async Task OpenAgain(SimDisk disk)
        {
            _disk = disk;
            _log = await Open(_disk);
        }

        private async Task AppendSome(Random random, int count)
        {
            for (int i = 0; i < count; i++)
            {
                int size = random.Next(4) == 0 ? random.Next(40_000) : random.Next(9000);
                long lsn = _log.DurableLsn + 1;
                AppendedRecord record = await _log.AppendAsync(new LogAppend(1, Bytes((int)lsn, size)), default);
                record.Lsn.ShouldBe(lsn);
                _model[lsn] = size;
                _positions[lsn] = record.Position;
            }
        }

        private async Task RewriteSome(Op op, Random random)
        {
            LogSegmentState[] segments = [.. _log.Segments.Where(segment => !segment.IsTail)];
            if (segments.Length == 0)
            {
                return;
            }

            LogSegmentState from = segments[random.Next(segments.Length)];
            long end = segments[^1].LastLsn;
            long upTo = op == Op.RewriteMiddle ? random.NextInt64(from.FirstLsn, end + 1) : end;
            HashSet<long> kept = op == Op.DropAll ? [] : [.. _model.Keys.Where(_ => random.Next(4) > 0)];
            await using ILogRewrite rewrite = await _log.BeginRewriteAsync(from.Number, default);
            rewrite.FirstLsn.ShouldBe(from.FirstLsn);
            Dictionary<long, LogPosition> moved = [];
            long done = await Copy(_log, rewrite, kept.Contains, upTo, moved);
            await rewrite.SealAsync(default);
            if (op == Op.GiveUp)
            {
                return;
            }

            await rewrite.CommitAsync(done, default);
            HashSet<long> dropped =
                [.. _model.Keys.Where(lsn => lsn >= from.FirstLsn && lsn <= done && !kept.Contains(lsn))];
            await Check(dropped);
            foreach (long lsn in dropped)
            {
                _model.Remove(lsn);
                _positions.Remove(lsn);
            }

            foreach ((long lsn, LogPosition position) in moved.Where(one => one.Key <= done))
            {
                _positions[lsn] = position;
            }

            await rewrite.ReleaseSourcesAsync(default);
        }

        private async Task Truncate(long below)
        {
            long first = _log.Segments.First(segment => segment.IsTail || segment.LastLsn >= below).FirstLsn;
            await _log.TruncateBelowAsync(below, default);
            foreach (long lsn in _model.Keys.Where(lsn => lsn < first).ToList())
            {
                _model.Remove(lsn);
                _positions.Remove(lsn);
            }
        }

        private async Task Check(HashSet<long>? dropped = null)
        {
            List<(long Lsn, byte[] Part0)> records = await ReadAll(_log);
            records.Select(record => record.Lsn).ShouldBe(_model.Keys.Where(lsn => dropped?.Contains(lsn) != true));
            foreach ((long lsn, byte[] part) in records)
            {
                part.AsSpan().SequenceEqual(Bytes((int)lsn, _model[lsn])).ShouldBeTrue();
                // Before the sources are released, by the old position.
                LogRecordHeader header = await _log.ReadHeaderAsync(_positions[lsn], default);
                (header.Lsn, header.Lengths.Part0).ShouldBe((lsn, _model[lsn]));
            }

            CheckSegments([.. records.Select(record => record.Lsn)]);
        }

        private void CheckSegments(List<long> live)
        {
            IReadOnlyList<LogSegmentState> segments = _log.Segments;
            segments[^1].IsTail.ShouldBeTrue();
            segments[0].FirstLsn.ShouldBe(_log.FirstLsn);
            segments.Sum(segment => segment.UsedBytes).ShouldBe(_log.UsedBytes);
            for (int i = 1; i < segments.Count; i++)
            {
                segments[i].FirstLsn.ShouldBeGreaterThan(segments[i - 1].LastLsn);
                segments[i - 1].LastLsn.ShouldBeGreaterThanOrEqualTo(segments[i - 1].FirstLsn);
            }

            live.All(lsn => segments.Any(one => lsn >= one.FirstLsn && lsn <= one.LastLsn)).ShouldBeTrue();
        }
    }
}
