using System.Text;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class ClusterLayoutTests
{
    private const string Good = """
        {
          "version": 1,
          "hardwareLayout": {
            "clusterName": "c", "version": 3,
            "datacenters": [
              { "name": "east", "id": 1, "dataNodes": [
                { "hostname": "a", "port": 6667, "rackId": "r1", "disks": [
                  { "mountPath": "/d0", "capacityInBytes": 1073741824 } ] },
                { "hostname": "b", "port": 6667, "hardwareState": "UNAVAILABLE", "disks": [
                  { "mountPath": "/d0", "capacityInBytes": 1073741824 } ] } ] },
              { "name": "west", "id": 2, "dataNodes": [
                { "hostname": "c", "port": 6667, "disks": [
                  { "mountPath": "/d0", "capacityInBytes": 1073741824 } ] } ] } ] },
          "partitionLayout": {
            "clusterName": "c", "version": 5,
            "partitions": [
              { "id": 0, "partitionClass": "default", "replicaCapacityInBytes": 536870912, "replicas": [
                { "hostname": "a", "port": 6667, "mountPath": "/d0", "replicaState": "LEADER" },
                { "hostname": "b", "port": 6667, "mountPath": "/d0" },
                { "hostname": "c", "port": 6667, "mountPath": "/d0" } ] },
              { "id": 7, "partitionClass": "default", "partitionState": "READ_ONLY",
                "replicaCapacityInBytes": 536870912, "replicas": [
                { "hostname": "a", "port": 6667, "mountPath": "/d0" } ] } ] }
        }
        """;

    [Fact]
    public void A_good_layout_reads_and_its_own_json_reads_back_the_same()
    {
        ClusterLayoutResult result = Parse(Good);

        result.Faults.ShouldBeEmpty();
        byte[] json = result.Layout!.ToJson();
        Encoding.UTF8.GetString(ClusterLayout.Parse(json).Layout!.ToJson()).ShouldBe(Encoding.UTF8.GetString(json));
        result.Layout.PartitionLayout.Partitions[1].PartitionState.ShouldBe(PartitionState.ReadOnly);
        result.Layout.HardwareLayout.Datacenters[0].DataNodes[1].HardwareState.ShouldBe(HardwareState.Unavailable);
    }

    [Fact]
    public void Every_fault_of_shape_is_listed_at_once_with_its_place()
    {
        string bad = Good.Replace("\"version\": 1,", "\"version\": 9,")
            .Replace("\"port\": 6667, \"rackId\"", "\"port\": 0, \"rackID\"")
            .Replace("\"UNAVAILABLE\"", "\"BROKEN\"").Replace("\"READ_ONLY\"", "5");

        IReadOnlyList<string> faults = Parse(bad).Faults;

        faults.ShouldContain(f => f.StartsWith("layout.version:"));
        faults.ShouldContain(f => f.StartsWith("layout.hardwareLayout.datacenters[0].dataNodes[0].port:"));
        faults.ShouldContain(f => f.Contains("dataNodes[0].rackID: is not known here"));
        faults.ShouldContain(f => f.Contains("dataNodes[1].hardwareState: must be one of AVAILABLE, UNAVAILABLE"));
        faults.ShouldContain(f => f.Contains("partitions[1].partitionState:"));
        faults.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("\"name\": \"west\", \"id\": 2", "\"name\": \"west\", \"id\": 1", "shares its name or its id")]
    [InlineData("\"c\", \"port\": 6667, \"disks\"", "\"a\", \"port\": 6667, \"disks\"", "is there twice")]
    [InlineData("\"id\": 7", "\"id\": 0", "is there twice")]
    [InlineData("\"clusterName\": \"c\", \"version\": 5", "\"clusterName\": \"x\", \"version\": 5", "differs")]
    [InlineData("\"b\", \"port\": 6667, \"mount", "\"a\", \"port\": 6667, \"mount", "is the second of its partition")]
    [InlineData("\"mountPath\": \"/d0\" },\n", "\"mountPath\": \"/d9\" },\n", "disk that the hardware layout")]
    [InlineData("6667, \"rackId\"", "6667, \"adminPort\": 6667, \"rackId\"", "adminPort: 6667 is a port of another")]
    [InlineData("\"/d0\" },\n", "\"/d0\", \"replaces\": \"b:6667\" },\n", "replaces b:6667, which holds no other")]
    [InlineData("\"/d0\" },\n", "\"/d0\", \"replaces\": \"b\" },\n", "must be HOST:PORT of a node")]
    [InlineData("536870912, \"replicas\": [\n", "536870913, \"replicas\": [\n", "more than the disk's capacity")]
    public void A_broken_rule_is_told(string good, string bad, string fault)
    {
        Good.ShouldContain(good);

        Parse(Good.Replace(good, bad)).Faults.ShouldContain(f => f.Contains(fault));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"version\":1,\"version\":1}")]
    [InlineData("{\"hardwareLayout\":{\"datacenters\":[[[]]]}}")]
    public void What_is_no_layout_is_a_fault_and_no_exception(string json)
    {
        ClusterLayoutResult result = Parse(json);

        result.Layout.ShouldBeNull();
        result.Faults.ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_prefix_of_a_layout_is_a_fault()
    {
        byte[] json = Encoding.UTF8.GetBytes(Good);
        for (int length = 0; length < json.Length; length += 7)
        {
            ClusterLayout.Parse(json.AsMemory(0, length)).Faults.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void The_view_knows_replicas_by_partition_node_and_data_centre()
    {
        var view = new ClusterView(Parse(Good).Layout!, new DataCenterId(1));

        Partition partition = view.FindPartition(new PartitionId(0))!;
        partition.Replicas.Select(r => r.State)
            .ShouldBe([ReplicaState.Leader, ReplicaState.Offline, ReplicaState.Standby]);
        partition.LocalReplicas.Count.ShouldBe(2);
        view.WritablePartitions.ShouldBeEmpty();
        view.ReplicasOf(new DataNodeId("a", 6667)).Select(r => r.Partition.Value).ShouldBe([0u, 7u]);
        view.ReplicasOf(new DataNodeId("z", 1)).ShouldBeEmpty();
        view.FindPartition(new PartitionId(99)).ShouldBeNull();
    }

    [Fact]
    public void A_partition_takes_writes_when_enough_local_replicas_do_for_one_to_be_durable()
    {
        string available = Good.Replace("\"UNAVAILABLE\"", "\"AVAILABLE\"");

        Writable(available).ShouldBe([0u]);
        Writable(available.Replace("\"LEADER\"", "\"INACTIVE\"")).ShouldBeEmpty();
        Writable(available.Replace("\"READ_ONLY\"", "\"PARTIAL_READ_WRITE\"")).ShouldBe([0u, 7u]);
        Writable(available.Replace("\"LEADER\"", "\"OFFLINE\"")).ShouldBeEmpty();

        static IEnumerable<uint> Writable(string json) =>
            new ClusterView(Parse(json).Layout!, new DataCenterId(1)).WritablePartitions.Select(p => p.Id.Value);
    }

    [Fact]
    public void The_leader_of_a_data_centre_is_the_first_that_serves_and_is_up()
    {
        var view = new ClusterView(
            Parse(Good.Replace("\"UNAVAILABLE\"", "\"AVAILABLE\"")).Layout!, new DataCenterId(1));

        Leader(1, _ => true).ShouldBe("a");
        Leader(1, replica => replica.Node.Host != "a").ShouldBe("b");
        Leader(1, _ => false).ShouldBeNull();
        Leader(2, _ => true).ShouldBe("c");
        Leader(3, _ => true).ShouldBeNull();
        view.FindLeader(new PartitionId(99), new DataCenterId(1), _ => true).ShouldBeNull();

        string? Leader(byte dataCenter, Func<Replica, bool> isUp) =>
            view.FindLeader(new PartitionId(0), new DataCenterId(dataCenter), isUp)?.Node.Host;
    }

    [Fact]
    public void A_view_needs_a_data_centre_that_is_there()
    {
        Should.Throw<ArgumentException>(() => new ClusterView(Parse(Good).Layout!, new DataCenterId(3)));
    }

    [Fact]
    public void The_embedded_layout_keeps_the_rules_and_is_writable_everywhere()
    {
        var node = new DataNodeId("localhost", 6667);
        ClusterLayout layout = EmbeddedLayout.Create(new DataCenterId(4), node, "/data", 8, 1L << 33);

        ClusterLayout.Parse(layout.ToJson()).Faults.ShouldBeEmpty();
        new ClusterView(layout, new DataCenterId(4)).WritablePartitions.Count.ShouldBe(8);
        Should.Throw<ArgumentOutOfRangeException>(
            () => EmbeddedLayout.Create(new DataCenterId(4), node, "/data", 8, 1L << 20));
    }

    private static ClusterLayoutResult Parse(string json) => ClusterLayout.Parse(Encoding.UTF8.GetBytes(json));
}
