using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Index;
using Ambry.Store.Records;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class LifetimeRulesTests
{
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;
    private const long Now = 1_800_000_000_000;

    private const StoreRecordKind P = StoreRecordKind.Put;
    private const StoreRecordKind D = StoreRecordKind.Delete;
    private const StoreRecordKind T = StoreRecordKind.TtlUpdate;
    private const StoreRecordKind U = StoreRecordKind.Undelete;

    private static readonly TimeSpan Buffer = TimeSpan.FromDays(1);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    [Fact]
    public void The_newest_record_says_whether_a_blob_is_deleted_and_the_newest_other_when_it_expires()
    {
        BlobState.Of([]).ShouldBeNull();
        var entries = new[]
        {
            Entry(StoreRecordKind.Delete, lsn: 4, life: 1),
            Entry(StoreRecordKind.TtlUpdate, lsn: 3, life: 1, expires: Now + Day),
            Entry(StoreRecordKind.Undelete, lsn: 2, life: 1, expires: Now),
            Entry(StoreRecordKind.Put, lsn: 1, expires: Now),
        };
        BlobState state = BlobState.Of(entries).ShouldNotBeNull();
        state.IsDeleted.ShouldBeTrue();
        state.LifeVersion.ShouldBe((ushort)1);
        state.ExpiresAtMillis.ShouldBe(Now + Day);
        state.Put.ShouldBe(entries[3]);
        BlobState.Of([entries[0]])!.Value.ShouldSatisfyAllConditions(
            tombstone => tombstone.Put.ShouldBeNull(), tombstone => tombstone.ExpiresAtMillis.ShouldBeNull());
        BlobState.Of(entries[1..])!.Value.IsDeleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(StoreRecordKind.Put, 30, 40, StoreError.None)]
    [InlineData(StoreRecordKind.Put, 30, null, StoreError.None)]
    [InlineData(StoreRecordKind.TtlUpdate, 30, 40, StoreError.None)]
    [InlineData(StoreRecordKind.Undelete, 30, 40, StoreError.None)]
    [InlineData(StoreRecordKind.Put, 30, 30, StoreError.AlreadyUpdated)]
    [InlineData(StoreRecordKind.Put, 30, 29, StoreError.TtlUpdateRefused)]
    [InlineData(StoreRecordKind.Put, 24, 40, StoreError.None)]
    [InlineData(StoreRecordKind.Put, 23, 40, StoreError.TtlUpdateRefused)]
    [InlineData(StoreRecordKind.Put, 23, null, StoreError.TtlUpdateRefused)]
    [InlineData(StoreRecordKind.Put, 0, 40, StoreError.Expired)]
    [InlineData(StoreRecordKind.Put, null, 40, StoreError.AlreadyUpdated)]
    [InlineData(StoreRecordKind.TtlUpdate, null, null, StoreError.AlreadyUpdated)]
    [InlineData(StoreRecordKind.Delete, null, null, StoreError.Deleted)]
    public void A_client_may_only_let_a_blob_live_longer_and_early_enough(
        StoreRecordKind newest, int? expiresInHours, int? wantedInHours, StoreError expected) =>
        LifetimeRules.CheckTtlUpdate(Entry(newest, expires: In(expiresInHours)), In(wantedInHours), Now, Buffer)
            .ShouldBe(expected);

    [Theory]
    [InlineData(0, null, StoreError.None)]
    [InlineData(7 * 24, null, StoreError.None)]
    [InlineData((7 * 24) + 1, null, StoreError.UndeleteRefused)]
    [InlineData(1, 0, StoreError.Expired)]
    [InlineData(1, 1, StoreError.None)]
    [InlineData((7 * 24) + 1, 0, StoreError.UndeleteRefused)]
    public void A_client_may_undelete_within_the_retention(
        int deletedHoursAgo, int? expiresInHours, StoreError expected)
    {
        IndexEntry put = Entry(StoreRecordKind.Put, expires: In(expiresInHours));
        IndexEntry delete = Entry(StoreRecordKind.Delete, lsn: 2, time: Now - (deletedHoursAgo * Hour));
        LifetimeRules.CheckUndelete(StateOf(delete, put), Now, Retention).ShouldBe(expected);
    }

    [Fact]
    public void Only_a_deleted_blob_whose_content_is_there_can_be_undeleted()
    {
        IndexEntry put = Entry(StoreRecordKind.Put);
        IndexEntry delete = Entry(StoreRecordKind.Delete, lsn: 2, time: Now);
        Check(put).ShouldBe(StoreError.NotDeleted);
        Check(Entry(StoreRecordKind.TtlUpdate, lsn: 2, expires: Now), put).ShouldBe(StoreError.Expired);
        Check(delete).ShouldBe(StoreError.NotFound);
        Check(delete with { LifeVersion = ushort.MaxValue }, put).ShouldBe(StoreError.UndeleteRefused);

        static StoreError Check(params IndexEntry[] entries) =>
            LifetimeRules.CheckUndelete(StateOf(entries), Now, Retention);
    }

    [Fact]
    public void Content_that_compaction_may_drop_is_not_relied_on()
    {
        IndexEntry put = Entry(StoreRecordKind.Put);
        Has(put).ShouldBeTrue();
        Has(Entry(StoreRecordKind.Delete, lsn: 2, time: Now - (7 * Day)), put).ShouldBeTrue();
        Has(Entry(StoreRecordKind.Delete, lsn: 2, time: Now - (7 * Day) - 1), put).ShouldBeFalse();
        Has(put with { ExpiresAtMillis = Now - Day + 1 }).ShouldBeTrue();
        Has(put with { ExpiresAtMillis = Now - Day }).ShouldBeFalse();
        Has(Entry(StoreRecordKind.Delete, lsn: 2, time: Now), put with { ExpiresAtMillis = Now - Day }).ShouldBeFalse();
        Has(Entry(StoreRecordKind.Delete, lsn: 2, time: Now)).ShouldBeFalse();

        static bool Has(params IndexEntry[] entries) => LifetimeRules.HasContent(StateOf(entries), Now, Retention);
    }

    // Here: what this replica has, as kind and life version; null for nothing. An expiry of 30 hours, or none.
    [Theory]
    [InlineData(null, 0, D, 0, null, StoreError.None, D)]
    [InlineData(null, 0, P, 0, null, StoreError.NotFound, null)]
    [InlineData(null, 0, T, 0, null, StoreError.NotFound, null)]
    [InlineData(null, 0, U, 1, null, StoreError.NotFound, null)]
    [InlineData(P, 0, P, 0, 30, StoreError.AlreadyUpdated, null)]
    [InlineData(P, 0, P, 0, 40, StoreError.None, T)]
    [InlineData(P, 0, T, 0, 40, StoreError.None, T)]
    [InlineData(P, 0, T, 0, 20, StoreError.AlreadyUpdated, null)]
    [InlineData(P, 0, T, 1, 20, StoreError.None, T)]
    [InlineData(P, 0, U, 2, 30, StoreError.None, U)]
    [InlineData(P, 0, P, 1, 30, StoreError.None, U)]
    [InlineData(P, 0, D, 0, null, StoreError.None, D)]
    [InlineData(P, 1, D, 0, null, StoreError.LifeVersionConflict, null)]
    [InlineData(U, 1, P, 0, 40, StoreError.LifeVersionConflict, null)]
    [InlineData(U, 1, U, 1, 30, StoreError.AlreadyUpdated, null)]
    [InlineData(U, 1, U, 1, 40, StoreError.None, T)]
    [InlineData(D, 0, P, 0, 40, StoreError.Deleted, null)]
    [InlineData(D, 0, T, 0, 40, StoreError.Deleted, null)]
    [InlineData(D, 0, D, 0, null, StoreError.Deleted, null)]
    [InlineData(D, 0, D, 1, null, StoreError.None, D)]
    [InlineData(D, 0, U, 1, 30, StoreError.None, U)]
    [InlineData(D, 0, T, 1, 30, StoreError.None, T)]
    [InlineData(D, 1, U, 1, 40, StoreError.Deleted, null)]
    public void What_another_replica_has_is_taken_as_far_as_it_is_newer(
        StoreRecordKind? here,
        ushort hereLife,
        StoreRecordKind there,
        ushort thereLife,
        int? thereHours,
        StoreError error,
        StoreRecordKind? written)
    {
        IndexEntry[] entries = here switch
        {
            null => [],
            StoreRecordKind.Delete =>
            [
                Entry(StoreRecordKind.Delete, lsn: 2, life: hereLife), Entry(StoreRecordKind.Put, expires: In(30)),
            ],
            { } kind => [Entry(kind, life: hereLife, expires: In(30))],
        };
        var record = new StoreEntry(9, Id(1), there, thereLife, Start, UnixMillis.ToTimeOrNull(In(thereHours)), 0, 0);
        MergeVerdict verdict = LifetimeRules.Merge(BlobState.Of(entries), hasContent: true, record);
        verdict.Error.ShouldBe(error);
        verdict.Kind.ShouldBe(written ?? default);
        if (error == StoreError.None && written != StoreRecordKind.Delete)
        {
            long later = In(Math.Max(30, thereHours!.Value));
            verdict.ExpiresAtMillis.ShouldBe(later, "no replica forgets the later expiry");
        }
    }

    [Fact]
    public void A_record_that_brings_nothing_new_never_asks_for_the_content()
    {
        BlobState expired = StateOf(Entry(StoreRecordKind.Put, expires: Now - (9 * Day)));
        var same = new StoreEntry(1, Id(1), StoreRecordKind.Put, 0, Start, UnixMillis.ToTime(Now - (9 * Day)), 0, 0);
        LifetimeRules.Merge(expired, hasContent: false, same).Error.ShouldBe(StoreError.AlreadyUpdated);
        LifetimeRules.Merge(expired, hasContent: false, same with { ExpiresAt = null }).Error
            .ShouldBe(StoreError.NotFound);
    }

    [Fact]
    public void A_blob_put_again_over_a_tombstone_takes_no_expiry_from_it()
    {
        LifetimeRules.Later(null, 5).ShouldBe(5);
        LifetimeRules.Later(7, 5).ShouldBe(7);
        LifetimeRules.Later(5, UnixMillis.Never).ShouldBe(UnixMillis.Never);
        LifetimeRules.Later(UnixMillis.Never, 5).ShouldBe(UnixMillis.Never);
    }

    private static long In(int? hours) => hours is { } given ? Now + (given * Hour) : UnixMillis.Never;

    private static BlobState StateOf(params IndexEntry[] entries) => BlobState.Of(entries).ShouldNotBeNull();

    private static IndexEntry Entry(
        StoreRecordKind kind,
        long lsn = 1,
        ushort life = 0,
        long time = Now - Day,
        long expires = UnixMillis.Never) =>
        new(Id(1), kind, life, new LogPosition(0, 64), lsn, time, expires, 10, 1);
}
