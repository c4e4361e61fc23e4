using Ambry.ClusterMap;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

/// <summary>`ambryctl cluster` on files.</summary>
public sealed class ControlClusterMapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ambryctl-").FullName;

    private string Map => Path.Combine(_folder, "map.json");

    [Fact]
    public async Task A_new_map_is_written_with_its_partitions_placed()
    {
        (await InitAsync()).Error.ShouldBeEmpty();

        ClusterLayout layout = Read();
        layout.HardwareLayout.ClusterName.ShouldBe("c1");
        layout.HardwareLayout.Datacenters.Select(d => (d.Name, d.Id)).ShouldBe([("dc1", (byte)1), ("dc2", (byte)7)]);
        layout.HardwareLayout.Datacenters[0].DataNodes[1].ShouldSatisfyAllConditions(
            node => node.RackId.ShouldBe("rack2"),
            node => node.AdminPort.ShouldBe(6102),
            node => node.Disks.Select(d => (d.MountPath, d.CapacityInBytes))
                .ShouldBe([("/disk0", 1L << 40), ("/disk1", 512L << 30)]));
        layout.PartitionLayout.Partitions.Count.ShouldBe(4);
        layout.PartitionLayout.Partitions.ShouldAllBe(
            p => p.Replicas.Count == 4 && p.ReplicaCapacityInBytes == 64L << 30);
    }

    [Fact]
    public async Task A_map_is_shown_as_tables()
    {
        await InitAsync();
        ControlRun run = await ControlRun.OfAsync("cluster", "show", "--map", Map);

        run.ExitCode.ShouldBe(0);
        run.ShouldBeGolden("cluster-show.txt");
        ClusterLayout.Parse(System.Text.Encoding.UTF8.GetBytes(
            (await ControlRun.OfAsync("cluster", "show", "--map", Map, "--json")).Output))
            .Layout!.ToJson().ShouldBe(Read().ToJson());
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_the_words_is_told_at_once()
    {
        File.WriteAllText(Map, "");
        ControlRun run = await ControlRun.OfAsync(
            "cluster", "init", "--out", Map, "--partitions", "1", "--partition-capacity", "64GB", "--dc", "x=300",
            "--dc", "other=3", "--node", "a", "--node", "dc1/h:1,admin=0,disk=/d:1TiB", "--node", "dc1/h:70000,disk=/d",
            "--node", "dc1/rack/h:2");

        run.ExitCode.ShouldBe(2);
        File.ReadAllText(Map).ShouldBeEmpty();
        run.Error.Replace(Map, "MAP").Replace("; give a whole number", ";\n    give a whole number").ShouldBe("""
            ambryctl: 9 faults:
              'MAP' is there already; --force writes over it.
              node 'a': must begin with DC/HOST:PORT or DC/RACK/HOST:PORT.
              node 'dc1/h:1': 'admin=0' is neither admin=PORT (once) nor disk=MOUNT:SIZE.
              node 'dc1/h:70000': 'h:70000' is not HOST:PORT.
              node 'dc1/h:70000': '/d' is not MOUNT:SIZE.
              node 'dc1/rack/h:2': has no disk=MOUNT:SIZE.
              data centre 'x=300': is not NAME=ID with an id of 0 to 255.
              data centre 'other': no node is in it.
              --partition-capacity: '64GB' is no size;
                give a whole number of bytes, or with KiB, MiB, GiB or TiB behind it.

            """);
    }

    [Fact]
    public async Task What_does_not_fit_is_a_failure_that_says_where()
    {
        ControlRun run = await ControlRun.OfAsync(
            "cluster", "init", "--out", Map, "--partitions", "9", "--partition-capacity", "64GiB", "--replicas", "2",
            "--node", "dc1/h:1,disk=/d:100GiB", "--node", "dc1/h:2,disk=/d:100GiB");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBe("ambryctl: after 1 of 9 partitions, for replica 1 of 2: dc1 has no other node with a disk "
            + "of 68719476736 bytes free\n");
        File.Exists(Map).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_change_says_what_it_is_and_raises_the_version_by_one()
    {
        await InitAsync();
        string said = await EditAsync("add-node dc1/rack3/10.0.0.3:6001,admin=6103,disk=/disk0:1TiB")
            + await EditAsync("maintenance on 10.0.0.3:6001")
            + await EditAsync("maintenance off 10.0.0.3:6001")
            + await EditAsync("add-disk 10.0.0.3:6001 --disk /disk1:1TiB")
            + await EditAsync("maintenance on 10.0.0.3:6001 --disk /disk1")
            + await EditAsync("add-partitions --partitions 2 --partition-capacity 32GiB")
            + await EditAsync("seal 1 2")
            + await EditAsync("unseal 2")
            + await EditAsync("disable 3 --node 10.0.0.1:6001")
            + await EditAsync("enable 3")
            + await EditAsync("seal 1 --dry-run")
            + await EditAsync("seal 3 --dry-run");

        new ControlRun(0, said, "").ShouldBeGolden("cluster-edits.txt");
        Read().Version.ShouldBe(2 + 10);
    }

    [Fact]
    public async Task What_would_stop_writes_is_refused_without_force()
    {
        await InitAsync();
        ControlRun run = await RunAsync("maintenance on 10.0.0.1:6001");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("partition 0: in dc1 only 1 of 2 replicas would take writes");
        Read().Version.ShouldBe(2);
        (await RunAsync("maintenance on 10.0.0.1:6001 --force")).ExitCode.ShouldBe(0);
        Read().Version.ShouldBe(3);
    }

    [Fact]
    public async Task A_rebalance_is_planned_and_changes_nothing()
    {
        await InitAsync();
        await EditAsync("add-node dc1/rack3/10.0.0.3:6001,admin=6103,disk=/disk0:1TiB");
        byte[] before = File.ReadAllBytes(Map);

        ControlRun run = await RunAsync("rebalance --plan");

        run.ExitCode.ShouldBe(0);
        run.ShouldBeGolden("cluster-rebalance.txt");
        (await RunAsync("decommission 10.0.0.1:6001 --plan")).ShouldBeGolden("cluster-decommission-plan.txt");
        File.ReadAllBytes(Map).ShouldBe(before);
    }

    [Theory]
    [InlineData("show", "give one of --map FILE and --admin HOST:PORT.")]
    [InlineData("show --map MAP --admin h:1", "give one of --map FILE and --admin HOST:PORT.")]
    [InlineData("show --admin h", "--admin: 'h' is not HOST:PORT.")]
    [InlineData("show --map MAP.none", "is not there.")]
    [InlineData("show --map MAP --status", "--status goes with --admin")]
    [InlineData("maintenance maybe h:1 --map MAP", "not recognized. Must be one of")]
    [InlineData("decommission 10.0.0.1:6001 --map MAP", "a decommission needs a running cluster")]
    [InlineData("rebalance --apply --map MAP", "--apply needs a running cluster")]
    [InlineData("seal --map MAP", "Required argument 'PARTITION' missing")]
    [InlineData("seal x --map MAP", "Unrecognized command or argument 'x'")]
    public async Task Words_that_mean_nothing_are_usage_errors(string words, string fault)
    {
        await InitAsync();
        ControlRun run = await ControlRun.OfAsync(["cluster", .. words.Replace("MAP", Map).Split(' ')]);

        run.ExitCode.ShouldBe(2, run.Output);
        run.Error.ShouldContain(fault);
    }

    [Fact]
    public async Task A_file_that_is_no_map_is_told_with_its_faults()
    {
        File.WriteAllText(Map, """{ "version": 1 }""");
        ControlRun run = await RunAsync("show");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("is no cluster map");
        run.Error.ShouldContain("layout.hardwareLayout: is missing");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<ControlRun> InitAsync() => ControlRun.OfAsync(
        "cluster", "init", "--out", Map, "--name", "c1", "--partitions", "4", "--partition-capacity", "64GiB",
        "--replicas", "2", "--dc", "dc2=7",
        "--node", "dc1/rack1/10.0.0.1:6001,admin=6101,disk=/disk0:1TiB",
        "--node", "dc1/rack2/10.0.0.2:6001,admin=6102,disk=/disk0:1TiB,disk=/disk1:512GiB",
        "--node", "dc2/10.1.0.1:6001,disk=/disk0:1TiB",
        "--node", "dc2/10.1.0.2:6001,disk=/disk0:1TiB",
        "--node", "dc2/10.1.0.3:6001,disk=/disk0:1TiB");

    private Task<ControlRun> RunAsync(string words) =>
        ControlRun.OfAsync(["cluster", .. words.Split(' '), "--map", Map]);

    private async Task<string> EditAsync(string words)
    {
        ControlRun run = await RunAsync(words);
        run.Error.ShouldBeEmpty(words);
        run.ExitCode.ShouldBe(0, words);
        return $"$ {words}\n{run.Output.Replace(Map, "MAP")}";
    }

    private ClusterLayout Read() => ClusterLayout.Parse(File.ReadAllBytes(Map)).Layout!;
}
