using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// Brings moves that stand in the map to their end: when a new replica is level its old one is told to leave, when that
/// is drained it is taken out of the map. All that it knows it reads from the map and the nodes each time, so it may
/// be interrupted anywhere and begun again, by anyone.
/// </summary>
internal sealed class MoveRun(ControlStreams io, ClusterNodes nodes)
{
    /// <summary>How often on end the map may turn out to be changed by someone else, or not to be had.</summary>
    private const int MaxFailures = 30;

    private static readonly TimeSpan PollPause = TimeSpan.FromSeconds(2);

    private string _said = string.Empty;
    private int _failures;

    /// <summary>Nodes that are lost for good: what they had is not waited for.</summary>
    public DataNodeId? Gone { get; init; }

    /// <summary>Ends when no move of these is left; false when that cannot be reached from here.</summary>
    public async Task<bool> FinishAsync(Func<ReplicaMove, bool> isOurs, CancellationToken token)
    {
        while (true)
        {
            ClusterLayout layout = await nodes.ReadAsync(token);
            List<ReplicaMove> moves = [.. ReplicaMoves.InProgress(layout).Where(isOurs)];
            if (moves.Count == 0)
            {
                return true;
            }

            (ClusterLayoutResult? step, string state) = await NextAsync(layout, moves, token);
            await SayAsync(state);
            if (step is not null && !await ApplyAsync(layout, step, token))
            {
                return false;
            }

            if (step is null || _failures > 0)
            {
                await PauseAsync(token);
            }
        }
    }

    public Task PauseAsync(CancellationToken token) => Task.Delay(PollPause, io.Time, token);

    /// <summary>False when it is of no use to try again.</summary>
    public async Task<bool> ApplyAsync(ClusterLayout from, ClusterLayoutResult result, CancellationToken token)
    {
        if (result.Layout is not { } to)
        {
            await io.Error.WriteLineAsync($"ambryctl: {Faults.Text(result.Faults)}");
            return false;
        }

        _failures = await nodes.WriteAsync(from, to, token) ? 0 : _failures + 1;
        return _failures < MaxFailures;
    }

    /// <summary>Once, until it changes.</summary>
    public async Task SayAsync(string state)
    {
        if (state != _said)
        {
            _said = state;
            await io.Output.WriteLineAsync(state);
        }
    }

    private async Task<(ClusterLayoutResult? Step, string State)> NextAsync(
        ClusterLayout layout, List<ReplicaMove> moves, CancellationToken token)
    {
        IReadOnlyDictionary<DataNodeId, NodeAnswer> answers = await nodes.AskAsync(
            moves.SelectMany(move => new[] { move.From, move.To }).Where(node => node != Gone), layout, token);
        var leaving = layout.PartitionLayout.Partitions
            .SelectMany(p => p.Replicas.Where(r => r.ReplicaState == ReplicaState.Inactive)
                .Select(r => (new PartitionId(p.Id), new DataNodeId(r.Hostname, r.Port))))
            .ToHashSet();
        ILookup<Stage, ReplicaMove> byStage = moves.ToLookup(move =>
            StageOf(move, answers, leaving.Contains((move.Partition, move.From))));
        string state = $"{Words.Count(moves.Count, "move")}: {byStage[Stage.CatchingUp].Count()} catching up, "
            + $"{byStage[Stage.Level].Count()} level, {byStage[Stage.Draining].Count()} draining, "
            + $"{byStage[Stage.Drained].Count()} drained" + Silent(answers);
        ClusterLayoutResult? step = null;
        if (byStage.Contains(Stage.Drained))
        {
            step = ReplicaMoves.Finish(layout, [.. byStage[Stage.Drained]]);
        }
        else if (byStage.Contains(Stage.Level))
        {
            step = ReplicaMoves.MarkLeaving(layout, [.. byStage[Stage.Level]]);
        }

        return (step, state);
    }

    private Stage StageOf(ReplicaMove move, IReadOnlyDictionary<DataNodeId, NodeAnswer> answers, bool isLeaving)
    {
        ReplicaStatus? to = Find(answers, move.To, move.Partition);
        if (to is not { State: ReplicaState.Standby or ReplicaState.Leader, Level: true })
        {
            return Stage.CatchingUp;
        }

        if (move.From == Gone)
        {
            return Stage.Drained;
        }

        if (!isLeaving)
        {
            return Stage.Level;
        }

        // By its own word: a node that does not know yet that it is to leave still takes writes.
        return Find(answers, move.From, move.Partition) is { State: ReplicaState.Inactive, Drained: true }
            ? Stage.Drained
            : Stage.Draining;
    }

    private static ReplicaStatus? Find(
        IReadOnlyDictionary<DataNodeId, NodeAnswer> answers, DataNodeId node, PartitionId partition) =>
        answers.GetValueOrDefault(node)?.Status?.Replicas.FirstOrDefault(r => r.Partition == partition.Value);

    private static string Silent(IReadOnlyDictionary<DataNodeId, NodeAnswer> answers)
    {
        string[] silent = [.. answers.Where(pair => pair.Value.Status is null)
            .Select(pair => $"{pair.Key} ({pair.Value.Fault})").Order(StringComparer.Ordinal)];
        return silent.Length > 0 ? $"; no answer from {string.Join(", ", silent)}" : "";
    }

    private enum Stage
    {
        CatchingUp,
        Level,
        Draining,
        Drained,
    }
}
