using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

/// <summary>`ambryctl cluster` with running nodes.</summary>
public class ControlClusterTests
{
    [Fact]
    public async Task The_state_of_every_replica_is_shown_and_a_silent_node_is_told()
    {
        await using var cluster = new FakeCluster(4);
        int port = cluster[3].AdminPort;
        await cluster.StopAsync(3);
        ControlRun run = await cluster.RunAsync("cluster show --admin {admin}");

        run.ExitCode.ShouldBe(1);
        string steady = cluster.Steady(run.Output).Replace($"{port}", "ADM04");
        (run with { Output = steady }).ShouldBeGolden("cluster-live.txt");
        (await cluster.RunAsync("cluster show --admin {admin} --status")).Output.Split('\n')[0]
            .ShouldStartWith("{\"node\":\"127.0.0.1:6001\",\"mapVersion\":2,");
    }

    [Fact]
    public async Task A_change_reaches_every_node_and_who_missed_it_is_named()
    {
        await using var cluster = new FakeCluster(4);
        await cluster.StopAsync(1);
        ControlRun run = await cluster.RunAsync("cluster seal 1 --admin http://{admin}");

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldEndWith("taken by 3 of 4 nodes; the others learn it from them\n");
        run.Error.ShouldStartWith("ambryctl: 127.0.0.1:6002 did not take the map: not reachable");
        int[] up = [0, 2, 3];
        up.ShouldAllBe(i => cluster[i].Map!.Version == 3
            && cluster[i].Map!.PartitionLayout.Partitions[1].PartitionState == PartitionState.ReadOnly);
    }

    [Fact]
    public async Task A_rehearsal_gives_nobody_anything()
    {
        await using var cluster = new FakeCluster(3);
        ControlRun run = await cluster.RunAsync("cluster seal 1 --admin {admin} --dry-run");

        run.Output.ShouldContain("dry run: version 2 would become 3");
        cluster[0].Requests.ShouldBe(["GET /cluster/map HTTP/1.1"]);
    }

    [Fact]
    public async Task Of_two_changes_at_once_one_is_refused_and_does_nothing()
    {
        await using var cluster = new FakeCluster(3);
        ClusterLayout other = ClusterPlanner.SetPartitionState(
            cluster.Map, [new PartitionId(0)], PartitionState.ReadOnly).Layout!;
        cluster[0].OnRequest = line => cluster[0].Map = line.StartsWith("PUT", StringComparison.Ordinal)
            ? other
            : cluster[0].Map;

        ControlRun run = await cluster.RunAsync("cluster seal 1 --admin {admin}");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("the map was changed by someone else meanwhile; nothing was done: 127.0.0.1:6001: 409");
        cluster[1].Requests.ShouldBe(["GET /cluster/map HTTP/1.1"]);
        cluster[0].Map.ShouldBeSameAs(other);
    }

    [Fact]
    public async Task A_change_is_made_of_the_newest_map_that_a_node_has()
    {
        await using var cluster = new FakeCluster(3);
        ClusterLayout newer = ClusterPlanner.SetPartitionState(
            cluster.Map, [new PartitionId(0)], PartitionState.ReadOnly).Layout!;
        cluster[1].Map = newer;
        cluster[2].Map = newer;

        ControlRun run = await cluster.RunAsync("cluster seal 1 --admin {admin}");

        // The first node has an older one, refuses what was not made of it, and will learn it.
        run.ExitCode.ShouldBe(0);
        run.Error.ShouldStartWith("ambryctl: 127.0.0.1:6001 did not take the map: 409");
        run.Output.ShouldEndWith("taken by 2 of 3 nodes; the others learn it from them\n");
        cluster[2].Map!.PartitionLayout.Partitions.ShouldAllBe(p => p.PartitionState == PartitionState.ReadOnly);
    }

    [Fact]
    public async Task A_listener_that_wants_a_token_gets_it()
    {
        await using var cluster = new FakeCluster(3, token: "secret");

        (await cluster.RunAsync("cluster seal 1 --admin {admin}")).Error.ShouldContain("it wants the admin token");
        (await cluster.RunAsync("cluster seal 1 --admin {admin} --token secret")).ExitCode.ShouldBe(0);
        cluster[2].Map!.Version.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_is_pushed_to_nodes_that_have_an_older_map()
    {
        await using var cluster = new FakeCluster(3);
        string file = Path.GetTempFileName();
        ClusterLayout newer = ClusterPlanner.SetPartitionState(
            cluster.Map, [new PartitionId(0)], PartitionState.ReadOnly).Layout!;
        File.WriteAllBytes(file, newer.ToJson());
        cluster[1].Map = newer;
        cluster[2].Map = ClusterPlanner.SetPartitionState(
            cluster.Map, [new PartitionId(1)], PartitionState.ReadOnly).Layout!;

        ControlRun run = await cluster.RunAsync($"cluster push --map {file}");

        File.Delete(file);
        run.ExitCode.ShouldBe(1);
        cluster.Steady(run.Output).ShouldBe(
            "127.0.0.1:ADM01: took version 3, had 2\n127.0.0.1:ADM02: has it already, version 3\n");
        cluster.Steady(run.Error).ShouldBe(
            "ambryctl: 127.0.0.1:ADM03: has version 3 with other content, which is not older than 3\n");
        cluster[0].Map!.Version.ShouldBe(3);
    }

    [Fact]
    public async Task A_decommission_goes_through_its_stages_and_removes_the_node()
    {
        await using var cluster = new FakeCluster(4, partitions: 3, spares: 1);
        ControlRun run = await cluster.RunAsync("cluster decommission 127.0.0.1:6002 --admin {admin}");

        run.Error.ShouldBeEmpty();
        run.ExitCode.ShouldBe(0);
        run.ShouldBeGolden("cluster-decommission.txt");
        cluster[0].Map!.HardwareLayout.Datacenters[0].DataNodes.Select(n => n.Port).ShouldBe([6001, 6003, 6004]);
        cluster[0].Map!.PartitionLayout.Partitions.ShouldAllBe(p => p.Replicas.Count == 3
            && p.Replicas.All(r => r.ReplicaState == ReplicaState.Standby && r.Replaces == null));
    }

    [Fact]
    public async Task A_decommission_that_was_interrupted_at_any_stage_is_finished_by_another()
    {
        for (int stage = 0; stage < 4; stage++)
        {
            await using var cluster = new FakeCluster(4, partitions: 2, spares: 1);
            ClusterLayout map = cluster.Map;
            MovePlan plan = MovePlanner.Decommission(map, cluster[0].Id);
            map = stage < 1 ? map : ReplicaMoves.Begin(map, [.. plan.Moves.Take(stage == 1 ? 1 : 2)]).Layout!;
            map = stage < 2 ? map : ReplicaMoves.MarkLeaving(map, plan.Moves).Layout!;
            map = stage < 3 ? map : ReplicaMoves.Finish(map, plan.Moves).Layout!;
            foreach (int i in Enumerable.Range(0, 4))
            {
                cluster[i].Map = map;
            }

            ControlRun run = await cluster.RunAsync("cluster decommission 127.0.0.1:6001 --admin {admin}");

            run.ExitCode.ShouldBe(0, $"stage {stage}: {run.Error}");
            cluster[1].Map!.HardwareLayout.Datacenters[0].DataNodes.Select(n => n.Port).ShouldBe([6002, 6003, 6004]);
            cluster[1].Map!.PartitionLayout.Partitions.ShouldAllBe(p => p.Replicas.Count == 3);
        }
    }

    [Fact]
    public async Task The_old_replica_is_never_told_to_leave_before_the_new_one_is_level()
    {
        await using var cluster = new FakeCluster(4, partitions: 1, spares: 1);
        cluster[3].SlowAnswers = 5;
        int statuses = 0;
        cluster[3].OnRequest = line => statuses += line.Contains("status") ? 1 : 0;
        int? markedAfter = null;
        cluster[0].OnRequest = _ => markedAfter ??= cluster[0].Map!.PartitionLayout.Partitions[0].Replicas
            .Any(r => r.ReplicaState == ReplicaState.Inactive) ? statuses : null;

        (await cluster.RunAsync("cluster decommission 127.0.0.1:6002 --admin {admin} --keep")).ExitCode.ShouldBe(0);

        markedAfter.ShouldNotBeNull();
        markedAfter.Value.ShouldBeGreaterThan(5);
        cluster[0].Map!.HardwareLayout.Datacenters[0].DataNodes.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_lost_node_is_replaced_without_being_asked()
    {
        await using var cluster = new FakeCluster(4, partitions: 2, spares: 1);
        await cluster.StopAsync(1);
        ControlRun run = await cluster.RunAsync("cluster decommission 127.0.0.1:6002 --admin {admin} --gone");

        run.ExitCode.ShouldBe(0, run.Error);
        cluster[0].Map!.HardwareLayout.Datacenters[0].DataNodes.Select(n => n.Port).ShouldBe([6001, 6003, 6004]);
        cluster[0].Map!.PartitionLayout.Partitions.ShouldAllBe(p => p.Replicas.Count == 3);
    }

    [Fact]
    public async Task Without_a_place_for_every_replica_a_decommission_does_not_begin()
    {
        await using var cluster = new FakeCluster(3);
        ControlRun run = await cluster.RunAsync("cluster decommission 127.0.0.1:6002 --admin {admin}");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldStartWith("ambryctl: 2 faults:\n  partition 0: dc1 has no other node");
        cluster[0].Map!.Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_move_is_taken_back()
    {
        await using var cluster = new FakeCluster(4, partitions: 1, spares: 1);
        MovePlan plan = MovePlanner.Decommission(cluster.Map, cluster[0].Id);
        ClusterLayout begun = ReplicaMoves.Begin(cluster.Map, plan.Moves).Layout!;
        foreach (int i in Enumerable.Range(0, 4))
        {
            cluster[i].Map = begun;
        }

        (await cluster.RunAsync("cluster cancel-moves 127.0.0.1:6004 --admin {admin}")).ExitCode.ShouldBe(0);

        cluster[2].Map!.PartitionLayout.Partitions[0].Replicas.Select(r => r.Port).ShouldBe([6001, 6002, 6003]);
        (await cluster.RunAsync("cluster cancel-moves 127.0.0.1:6004 --admin {admin}")).Error
            .ShouldBe("ambryctl: node 127.0.0.1:6004: no replica is being moved from or to it\n");
    }

    [Fact]
    public async Task A_rebalance_moves_replicas_to_a_new_node_a_few_at_a_time()
    {
        await using var cluster = new FakeCluster(4, partitions: 8, spares: 1);
        int most = 0;
        cluster[0].OnRequest = _ => most = Math.Max(most, ReplicaMoves.InProgress(cluster[0].Map!).Count);

        ControlRun run = await cluster.RunAsync("cluster rebalance --apply --at-once 2 --admin {admin}");

        run.ExitCode.ShouldBe(0, run.Error);
        most.ShouldBe(2);
        cluster[0].Map!.PartitionLayout.Partitions.SelectMany(p => p.Replicas).CountBy(r => r.Port)
            .ShouldAllBe(node => node.Value == 6);
        (await cluster.RunAsync("cluster rebalance --admin {admin}")).Output.ShouldBe("no replica needs to move\n");
    }
}
