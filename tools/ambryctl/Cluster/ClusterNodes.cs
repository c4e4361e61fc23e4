using System.Collections.Concurrent;
using System.Net;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// The nodes of a running cluster, through their admin listeners. One of them is known by address, the others by the map.
/// </summary>
internal sealed class ClusterNodes(DataNodeId entry, AdminClient client, ControlStreams io) : IMapSource
{
    /// <summary>How many are asked at once.</summary>
    private const int MaxAtOnce = 16;

    private IReadOnlyList<DataNodeId> _known = [];

    public AdminClient Client => client;

    ClusterNodes? IMapSource.Nodes => this;

    /// <summary>From the node that was named; once a map is known and that node is gone, from any other.</summary>
    public async Task<ClusterLayout> ReadAsync(CancellationToken token)
    {
        AdminAnswer answer = await client.GetAsync(entry, "/cluster/map", token);
        foreach (DataNodeId other in _known.Where(_ => !answer.IsSuccess))
        {
            answer = await client.GetAsync(other, "/cluster/map", token) is { IsSuccess: true } found ? found : answer;
        }

        if (!answer.IsSuccess)
        {
            throw new IOException($"the cluster map of {entry}: {answer.Problem}");
        }

        ClusterLayoutResult result = ClusterLayout.Parse(answer.Body);
        _known = result.Layout is null ? _known : [.. AdminsOf(result.Layout).Values];
        return result.Layout
            ?? throw new IOException($"what {entry} answers is no cluster map: {Faults.Text(result.Faults)}");
    }

    /// <summary>
    /// Gives the new map to every node of both maps that has an admin listener, in their order until one takes it: of
    /// two operators who change the same map at once, all but one are refused there and give up.
    /// </summary>
    public async Task<bool> WriteAsync(ClusterLayout from, ClusterLayout to, CancellationToken token)
    {
        byte[] map = to.ToJson();
        var notTaken = new ConcurrentDictionary<DataNodeId, string>();
        List<DataNodeId> nodes = [.. AdminsOf(to).Keys.Union(AdminsOf(from).Keys)];
        Dictionary<DataNodeId, DataNodeId> admins = AdminsOf(from).Concat(AdminsOf(to))
            .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value);
        int next = 0;
        bool isTaken = false;
        while (next < nodes.Count && !isTaken)
        {
            DataNodeId node = nodes[next++];
            AdminAnswer answer = await client.PutMapAsync(admins[node], map, from.Version, token);
            isTaken = answer.IsSuccess;
            if (answer.Status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
                && from.HardwareLayout.Datacenters.Any(d => d.DataNodes.Any(n => IdOf(n) == node)))
            {
                await io.Error.WriteLineAsync(
                    $"ambryctl: the map was changed by someone else meanwhile; nothing was done: {node}: {answer.Problem}");
                return false;
            }

            if (!isTaken)
            {
                notTaken[node] = answer.Problem;
            }
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = token };
        await Parallel.ForEachAsync(nodes.Skip(next), options, async (node, stop) =>
        {
            AdminAnswer answer = await client.PutMapAsync(admins[node], map, from.Version, stop);
            if (!answer.IsSuccess)
            {
                notTaken[node] = answer.Problem;
            }
        });
        return await ReportAsync(to, nodes, notTaken, isTaken);
    }

    /// <summary>What each node with an admin listener says of itself, or why it does not.</summary>
    public async Task<IReadOnlyDictionary<DataNodeId, NodeAnswer>> AskAsync(
        IEnumerable<DataNodeId> nodes, ClusterLayout layout, CancellationToken token)
    {
        Dictionary<DataNodeId, DataNodeId> admins = AdminsOf(layout);
        var answers = new ConcurrentDictionary<DataNodeId, NodeAnswer>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = token };
        await Parallel.ForEachAsync(nodes.Distinct(), options, async (node, stop) =>
            answers[node] = admins.TryGetValue(node, out DataNodeId admin)
                ? await AskAsync(admin, stop)
                : new NodeAnswer(null, "has no adminPort in the map"));
        return answers;
    }

    /// <summary>The address of the admin listener by node, in the order of the layout.</summary>
    public static Dictionary<DataNodeId, DataNodeId> AdminsOf(ClusterLayout layout) => layout.HardwareLayout.Datacenters
        .SelectMany(d => d.DataNodes)
        .Where(n => n.AdminPort > 0)
        .ToDictionary(IdOf, n => new DataNodeId(n.Hostname, n.AdminPort));

    public static DataNodeId IdOf(DataNodeLayout node) => new(node.Hostname, node.Port);

    public void Dispose() => client.Dispose();

    private async Task<NodeAnswer> AskAsync(DataNodeId admin, CancellationToken token)
    {
        AdminAnswer answer = await client.GetAsync(admin, "/cluster/status", token);
        if (!answer.IsSuccess)
        {
            return new NodeAnswer(null, answer.Problem);
        }

        return NodeStatus.TryParse(answer.Body) is { } status
            ? new NodeAnswer(status, null)
            : new NodeAnswer(null, "its answer is no status");
    }

    private async Task<bool> ReportAsync(
        ClusterLayout layout,
        IReadOnlyList<DataNodeId> nodes,
        IReadOnlyDictionary<DataNodeId, string> notTaken,
        bool isTaken)
    {
        foreach (DataNodeId node in nodes.Where(notTaken.ContainsKey))
        {
            await io.Error.WriteLineAsync($"ambryctl: {node} did not take the map: {notTaken[node]}");
        }

        if (!isTaken)
        {
            await io.Error.WriteLineAsync(nodes.Count == 0
                ? "ambryctl: no node of the map has an adminPort; nothing was done."
                : "ambryctl: no node took the map; nothing was done.");
            return false;
        }

        string others = notTaken.Count > 0 ? "; the others learn it from them" : "";
        await io.Output.WriteLineAsync($"map: {EditText.Summary(layout)}");
        await io.Output.WriteLineAsync($"taken by {nodes.Count - notTaken.Count} of {nodes.Count} nodes{others}");
        return true;
    }
}

/// <param name="Fault">Why there is no status.</param>
internal sealed record NodeAnswer(NodeStatus? Status, string? Fault);
