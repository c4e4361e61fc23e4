using System.Collections.Concurrent;
using System.Net;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// The nodes of a running cluster, through their admin listeners. One of them is known by address, the others by the
/// map.
/// </summary>
internal sealed class ClusterNodes(DataNodeId entry, AdminClient client, ControlStreams io) : IMapSource
{
    /// <summary>How many are asked at once.</summary>
    private const int MaxAtOnce = 16;

    private const string MapPath = "/cluster/map";

    /// <summary>A node that hangs does not hold up those that answer.</summary>
    private static readonly TimeSpan OthersLimit = TimeSpan.FromSeconds(5);

    private IReadOnlyList<DataNodeId> _known = [];

    /// <summary>Admin listeners of nodes that had an older map when it was last read.</summary>
    private HashSet<DataNodeId> _behind = [];

    public AdminClient Client => client;

    ClusterNodes? IMapSource.Nodes => this;

    /// <summary>
    /// The newest that any node has: one that was down may have an older one for a moment, and a change of that would
    /// be another map of a version that there is already.
    /// </summary>
    public async Task<ClusterLayout> ReadAsync(CancellationToken token)
    {
        ClusterLayout newest = await ReadAnyAsync(token);
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = token };
        var others = new ConcurrentDictionary<DataNodeId, ClusterLayout>();
        IEnumerable<DataNodeId> rest = AdminsOf(newest).Values.Where(admin => admin != entry);
        await Parallel.ForEachAsync(rest, options, async (admin, stop) =>
        {
            AdminAnswer answer = await client.GetAsync(admin, MapPath, OthersLimit, stop);
            if (answer.IsSuccess && ClusterLayout.Parse(answer.Body).Layout is { } map)
            {
                others[admin] = map;
            }
        });
        others[entry] = newest;
        newest = others.Values.MaxBy(map => map.Version)!;
        _behind = [.. others.Where(pair => pair.Value.Version < newest.Version).Select(pair => pair.Key)];
        _known = [.. AdminsOf(newest).Values];
        return newest;
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
                && !_behind.Contains(admins[node])
                && from.HardwareLayout.Datacenters.Any(d => d.DataNodes.Any(n => IdOf(n) == node)))
            {
                await io.Error.WriteLineAsync(
                    $"ambryctl: the map was changed by someone else meanwhile; nothing was done: {node}: "
                    + answer.Problem);
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

    /// <summary>From the node that was named; once a map is known and that node is gone, from any other.</summary>
    private async Task<ClusterLayout> ReadAnyAsync(CancellationToken token)
    {
        AdminAnswer answer = await client.GetAsync(entry, MapPath, token);
        foreach (DataNodeId other in _known.Where(_ => !answer.IsSuccess))
        {
            AdminAnswer second = await client.GetAsync(other, MapPath, OthersLimit, token);
            answer = second.IsSuccess ? second : answer;
        }

        if (!answer.IsSuccess)
        {
            throw new IOException($"the cluster map of {entry}: {answer.Problem}");
        }

        ClusterLayoutResult result = ClusterLayout.Parse(answer.Body);
        return result.Layout
            ?? throw new IOException($"what {entry} answers is no cluster map: {Faults.Text(result.Faults)}");
    }

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
