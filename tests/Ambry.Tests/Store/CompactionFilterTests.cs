using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Ambry.Store.Index;
using Ambry.Store.Records;
using CsCheck;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>Times are in hours from the reference time; the retention is 48 hours, the expiry's grace 24.</summary>
public class CompactionFilterTests
{
    private const long Hour = 3_600_000;
    private static readonly long Reference = UnixMillis.From(Start);

    [Theory]
    [InlineData(-49, true)]
    [InlineData(-48, false)]
    [InlineData(-1, false)]
    public void Content_of_a_deleted_blob_goes_when_the_retention_is_over(int deletedAt, bool isDropped) =>
        Decide(1, [Delete(2, deletedAt), Put(1)])
            .ShouldBe(isDropped ? CompactionVerdict.Deleted : CompactionVerdict.Keep);

    [Theory]
    [InlineData(-25, true)]
    [InlineData(-24, false)]
    [InlineData(5, false)]
    public void Content_of_an_expired_blob_goes_a_day_later(int expiresAt, bool isDropped) =>
        Decide(1, [Put(1, expiresAt)]).ShouldBe(isDropped ? CompactionVerdict.Expired : CompactionVerdict.Keep);

    [Fact]
    public void The_newest_update_says_when_a_blob_expires()
    {
        IndexEntry[] prolonged = [Ttl(3, null), Ttl(2, -30), Put(1, -60)];
        Decide(1, prolonged).ShouldBe(CompactionVerdict.Keep);
        Decide(2, prolonged).ShouldBe(CompactionVerdict.Superseded);
        Decide(3, prolonged).ShouldBe(CompactionVerdict.Keep);
    }

    [Fact]
    public void A_deleted_blob_that_can_come_back_keeps_the_record_of_its_expiry()
    {
        IndexEntry[] records = [Delete(4, -1), Ttl(3, null), Ttl(2, 10), Put(1, 5)];
        Decide(1, records).ShouldBe(CompactionVerdict.Keep);
        Decide(2, records).ShouldBe(CompactionVerdict.Superseded);
        Decide(3, records).ShouldBe(CompactionVerdict.Keep);
        Decide(4, records).ShouldBe(CompactionVerdict.Keep);
    }

    [Fact]
    public void A_deleted_blob_that_expired_goes_before_its_retention_is_over()
    {
        IndexEntry[] records = [Delete(2, -1), Put(1, -25)];
        Decide(1, records).ShouldBe(CompactionVerdict.Expired);
        Decide(2, records, floor: 2).ShouldBe(CompactionVerdict.Keep);
    }

    [Fact]
    public void An_undeleted_blob_keeps_its_content_and_the_undelete_alone()
    {
        IndexEntry[] records = [Undelete(4), Delete(3, -100), Ttl(2, null), Put(1, 5)];
        Decide(1, records).ShouldBe(CompactionVerdict.Keep);
        Decide(2, records).ShouldBe(CompactionVerdict.Superseded);
        Decide(3, records).ShouldBe(CompactionVerdict.Superseded);
        Decide(4, records).ShouldBe(CompactionVerdict.Keep);
    }

    [Fact]
    public void Updates_go_with_their_content()
    {
        IndexEntry[] records = [Delete(3, -49), Ttl(2, null), Put(1)];
        Decide(1, records).ShouldBe(CompactionVerdict.Deleted);
        Decide(2, records).ShouldBe(CompactionVerdict.Orphaned);
        Decide(3, records).ShouldBe(CompactionVerdict.Keep);
        Decide(2, [Ttl(2, null)]).ShouldBe(CompactionVerdict.Orphaned);
    }

    [Fact]
    public void An_update_stays_while_its_content_is_below_the_cycle()
    {
        Decide(2, [Delete(3, -49), Ttl(2, null), Put(1)], firstLsn: 2).ShouldBe(CompactionVerdict.Keep);
        Decide(3, [Delete(3, -49), Put(1)], firstLsn: 2, floor: 9).ShouldBe(CompactionVerdict.Keep);
    }

    [Theory]
    [InlineData(-49, 2, true)]
    [InlineData(-49, 1, false)]
    [InlineData(-49, 0, false)]
    [InlineData(-48, 2, false)]
    public void A_tombstone_goes_only_below_the_floor_and_after_the_retention(
        int deletedAt, long floor, bool isDropped)
    {
        CompactionVerdict expected = isDropped ? CompactionVerdict.Orphaned : CompactionVerdict.Keep;
        Decide(2, [Delete(2, deletedAt)], floor: floor).ShouldBe(expected);
        if (deletedAt < -48)
        {
            Decide(2, [Delete(2, deletedAt), Put(1)], floor: floor).ShouldBe(expected);
        }
    }

    [Fact]
    public void A_tombstone_under_a_newer_record_goes_at_any_time() =>
        Decide(2, [Put(3), Delete(2, -1), Put(1)]).ShouldBe(CompactionVerdict.Superseded);

    [Fact]
    public void An_expired_put_stays_above_an_older_one_that_the_cycle_does_not_reach()
    {
        IndexEntry[] records = [Put(3, -30), Put(1)];
        Decide(3, records, firstLsn: 2).ShouldBe(CompactionVerdict.Keep);
        Decide(3, records).ShouldBe(CompactionVerdict.Expired);
        Decide(1, records).ShouldBe(CompactionVerdict.Superseded);
    }

    [Fact]
    public void Time_makes_garbage_of_what_is_kept_when_the_retention_or_the_grace_ends()
    {
        MaturityOf([Put(1)]).ShouldBeNull();
        MaturityOf([Put(1, 5)]).ShouldBe(Reference + (29 * Hour));
        MaturityOf([Delete(2, -10), Put(1)]).ShouldBe(Reference + (38 * Hour));
        MaturityOf([Delete(2, -10), Put(1, 1)]).ShouldBe(Reference + (25 * Hour));
        MaturityOf([Delete(2, -10)]).ShouldBe(Reference + (38 * Hour));
    }

    // Whatever a cycle drops, what the rest says of the blob is what all of it said, or that it is gone.
    [Fact]
    public void What_is_left_says_what_all_of_it_said() =>
        Gen.Select(Histories, Gen.Long[0, 12], Gen.Long[1, 12])
            .Sample((records, floor, firstLsn) =>
            {
                CompactionRules rules = Rules(firstLsn, floor);
                IndexEntry[] left =
                [
                    .. records.Where(r => r.Lsn < firstLsn
                        || CompactionFilter.Decide(r, records, rules) == CompactionVerdict.Keep),
                ];
                (bool isLive, long expires) = Meaning(records);
                (bool isLiveLeft, long expiresLeft) = Meaning(left);
                isLiveLeft.ShouldBe(isLive);
                if (isLive || CanComeBack(records))
                {
                    expiresLeft.ShouldBe(expires);
                    left.ShouldContain(r => r.Kind == StoreRecordKind.Put);
                }
            }, seed: null, iter: 20_000);

    private static readonly Gen<IndexEntry[]> Histories = Gen.Select(
        Gen.OneOf(
            Gen.Const(StoreRecordKind.Put), Gen.Const(StoreRecordKind.Delete),
            Gen.Const(StoreRecordKind.TtlUpdate), Gen.Const(StoreRecordKind.Undelete)).Array[1, 8],
        Gen.Int[-100, 50].Array[8],
        (kinds, times) => kinds
            .Select((kind, i) => Entry(kind, i + 1, times[i], i % 3 == 0 ? null : times[i]))
            .Reverse().ToArray());

    /// <summary>Whether a read answers, and when the blob expires.</summary>
    private static (bool IsLive, long ExpiresAt) Meaning(IndexEntry[] records)
    {
        bool hasPut = records.Any(r => r.Kind == StoreRecordKind.Put);
        long expires = records.Where(r => r.Kind != StoreRecordKind.Delete)
            .Select(r => r.ExpiresAtMillis).FirstOrDefault(UnixMillis.Never);
        bool isExpired = expires != UnixMillis.Never && expires <= Reference;
        return (hasPut && records[0].Kind != StoreRecordKind.Delete && !isExpired, expires);
    }

    private static bool CanComeBack(IndexEntry[] records)
    {
        (_, long expires) = Meaning(records);
        return records[0].Kind == StoreRecordKind.Delete && records[0].TimeMillis >= Reference - (48 * Hour)
            && records.Any(r => r.Kind == StoreRecordKind.Put)
            && (expires == UnixMillis.Never || expires > Reference);
    }

    private static CompactionRules Rules(long firstLsn, long floor) => new(Reference, 48 * Hour, firstLsn, floor);

    private static long? MaturityOf(IndexEntry[] records) =>
        CompactionFilter.MaturityOf(records, Rules(long.MaxValue, 0));

    private static CompactionVerdict Decide(long lsn, IndexEntry[] records, long firstLsn = 1, long floor = 0) =>
        CompactionFilter.Decide(records.Single(r => r.Lsn == lsn), records, Rules(firstLsn, floor));

    private static IndexEntry Put(long lsn, int? expiresAt = null) => Entry(StoreRecordKind.Put, lsn, -200, expiresAt);

    private static IndexEntry Ttl(long lsn, int? expiresAt) =>
        Entry(StoreRecordKind.TtlUpdate, lsn, -150, expiresAt);

    private static IndexEntry Undelete(long lsn) => Entry(StoreRecordKind.Undelete, lsn, -90, null);

    private static IndexEntry Delete(long lsn, int at) => Entry(StoreRecordKind.Delete, lsn, at, null);

    private static IndexEntry Entry(StoreRecordKind kind, long lsn, int at, int? expiresAt) => new(
        Id(1),
        kind,
        LifeVersion: 0,
        new LogPosition(0, (uint)lsn * 64),
        lsn,
        Reference + (at * Hour),
        expiresAt is { } hours ? Reference + (hours * Hour) : UnixMillis.Never,
        SizeBytes: 100,
        ContentCrc: 0);
}
