using System.Text;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class StatusWordsTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly NodeStatus Status = new(
        "a:6001",
        7,
        [new DiskStatus("/d0", "healthy", 100, 40)],
        [
            new ReplicaStatus(3, "/d0", ReplicaState.Bootstrap, false, false, false, 50, 90, 12)
            {
                Peers = [new PeerLagStatus("b:6001", 1000, 2.5, Noon), new PeerLagStatus("c:6001", 0, 0, null)],
            },
        ]);

    [Fact]
    public void A_status_is_read_back_as_it_was_written()
    {
        NodeStatus read = NodeStatus.TryParse(Status.ToJson())!;

        read.ToJson().ShouldBe(Status.ToJson());
        read.Replicas[0].State.ShouldBe(ReplicaState.Bootstrap);
        read.Replicas[0].Peers.ShouldBe(Status.Replicas[0].Peers);
        Encoding.UTF8.GetString(Status.ToJsonLine()).ShouldContain("\"state\":\"BOOTSTRAP\"");
    }

    [Fact]
    public void A_status_with_words_of_a_newer_node_is_read()
    {
        string json = Encoding.UTF8.GetString(Status.ToJsonLine())
            .Replace("\"mapVersion\"", "\"new\":[1],\"mapVersion\"");

        NodeStatus.TryParse(Encoding.UTF8.GetBytes(json))!.MapVersion.ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"node":"a:1","mapVersion":"x","disks":[],"replicas":[]}""")]
    [InlineData("""{"node":"a:1","mapVersion":1,"disks":[]}""")]
    [InlineData("""{"node":"a:1","mapVersion":1,"disks":[],"replicas":[{"partition":1,"state":3}]}""")]
    public void What_is_no_status_is_null(string json)
    {
        NodeStatus.TryParse(Encoding.UTF8.GetBytes(json)).ShouldBeNull();
    }

    [Fact]
    public void Records_and_the_end_of_a_page_are_told_apart()
    {
        var uuid = new Guid(1, 2, 3, new byte[8]);
        var id = new BlobId(new DataCenterId(1), 2, 3, new PartitionId(4), BlobKind.Simple, uuid);
        RecordLine put = RecordLine.Of(new StoreEntry(9, id, StoreRecordKind.Put, 1, Noon, Noon.AddDays(1), 77, 123));
        var end = new RecordsEnd(9, true, 12);

        Encoding.UTF8.GetString(put.ToJson()).ShouldBe(
            $$"""{"lsn":9,"id":"{{id}}","kind":"put","lifeVersion":1,"time":"2024-05-01T12:00:00+00:00","""
            + """ "expires":"2024-05-02T12:00:00+00:00","size":77,"crc":123}""".TrimStart());
        Encoding.UTF8.GetString(end.ToJson()).ShouldBe("""{"next":9,"end":true,"lastLsn":12}""");
        RecordLine.TryParse(put.ToJson()).ShouldBe(put);
        RecordsEnd.TryParse(end.ToJson()).ShouldBe(end);
        RecordLine.TryParse(end.ToJson()).ShouldBeNull();
        RecordsEnd.TryParse(put.ToJson()).ShouldBeNull();
        RecordsEnd.TryParse("[]"u8).ShouldBeNull();
        RecordsEnd.TryParse("{"u8).ShouldBeNull();
        RecordLine.TryParse("""{"lsn":0,"id":"x","kind":"put"}"""u8).ShouldBeNull();
        RecordLine.TryParse("""{"lsn":1,"id":"x","kind":"append"}"""u8).ShouldBeNull();
    }

    [Theory]
    [InlineData(StoreRecordKind.Put, "put")]
    [InlineData(StoreRecordKind.Delete, "delete")]
    [InlineData(StoreRecordKind.TtlUpdate, "ttl")]
    [InlineData(StoreRecordKind.Undelete, "undelete")]
    public void Every_kind_of_record_has_its_word(StoreRecordKind kind, string word)
    {
        RecordLine.Of(new StoreEntry(1, default, kind, 0, Noon, null, 0, 0)).Kind.ShouldBe(word);
        Enum.GetValues<StoreRecordKind>().Length.ShouldBe(4);
    }
}
