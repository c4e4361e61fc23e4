using System.Globalization;
using Ambry.Protocol;
using Ambry.Testing.Peers;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// Carries requests and answers between sites, late, out of order, twice or not at all, as the seed says. What it
/// carries is copied both ways, so that neither side can change what the other holds. A request that was given up may
/// still be carried out. For one thread only.
/// </summary>
internal sealed class SimNetwork(SimTime time, Random random, ClusterTrace trace)
{
    private readonly Dictionary<DataNodeId, SimSite> _nodes = [];
    private readonly Dictionary<(SimSite From, SimSite To), SimLink> _links = [];
    private readonly Dictionary<BlobId, int> _changing = [];
    private long _number;

    /// <summary>Where the contents of answers lie until their receivers give them back.</summary>
    public CountingMemoryPool Answers { get; } = new();

    /// <summary>Requests on their way or being carried out, whether or not anybody still waits.</summary>
    public int InFlight { get; private set; }

    public long Messages => _number;

    /// <summary>Of all messages, in each direction.</summary>
    public int LossPercent { get; set; }

    /// <summary>Of all requests, those that arrive a second time.</summary>
    public int DuplicatePercent { get; set; }

    /// <summary>A defect in the product that no caller would see.</summary>
    public Exception? Defect { get; private set; }

    public void Add(DataNodeId node, SimSite site) => _nodes.Add(node, site);

    public SimSite Find(DataNodeId node) => _nodes[node];

    public SimLink Link(SimSite from, SimSite to)
    {
        if (!_links.TryGetValue((from, to), out SimLink? link))
        {
            _links[(from, to)] = link = new SimLink();
        }

        return link;
    }

    /// <summary>Ends every fault of the network.</summary>
    public void Heal()
    {
        LossPercent = 0;
        DuplicatePercent = 0;
        foreach (SimLink link in _links.Values)
        {
            link.Heal();
        }
    }

    /// <summary>
    /// Whether a request that deletes or undeletes the blob, or a part of it, may still be carried out somewhere.
    /// </summary>
    public bool IsChanging(BlobId id) => _changing.ContainsKey(id);

    /// <summary>Sends a request; its answer, or what <paramref name="call"/> gives up with after its limit.</summary>
    public async ValueTask<T> SendAsync<T>(SimSite from, SimSite to, SimCall<T> call, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{++_number} {call.Name} {from.Name}>{to.Name}");
        var answered = new TaskCompletionSource<T>();
        trace.Add($"send {name}");
        _ = CarryAsync(from, to, call, name, answered);
        if (Chance(DuplicatePercent))
        {
            _ = CarryAsync(from, to, call, name + " again", answered);
        }

        await using (time.CreateTimer(_ => GiveUp(), null, call.Limit, Timeout.InfiniteTimeSpan))
        await using (token.Register(() => answered.TrySetCanceled(token)))
        {
            return await answered.Task;
        }

        void GiveUp()
        {
            if (answered.TrySetResult(call.Unreachable()))
            {
                trace.Add($"time-out {name}");
            }
        }
    }

    private async Task CarryAsync<T>(
        SimSite from, SimSite to, SimCall<T> call, string name, TaskCompletionSource<T> answered)
    {
        InFlight++;
        Mark(call.Changes, 1);
        try
        {
            int life = from.Life;
            if (await TryTravelAsync(from, to, call.RequestBytes) && await ServeAsync(to, call, name) is { } answer)
            {
                await ReturnAsync(from, to, life, call, name, answer, answered);
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this task: the run looks here.
            Defect ??= new SimulationFault($"{name}: {e}");
        }
        finally
        {
            InFlight--;
            Mark(call.Changes, -1);
        }
    }

    /// <summary>Null when no answer ever comes.</summary>
    private async Task<SimAnswer<T>?> ServeAsync<T>(SimSite to, SimCall<T> call, string name)
    {
        await to.Running;
        int life = to.Life;
        if (to.Service is not { } service)
        {
            trace.Add($"down {name}");
            return to.RefusesWhenDown ? new SimAnswer<T>(call.Unreachable(), life) : null;
        }

        T answer;
        try
        {
            answer = call.Copy(await call.Execute(service), Answers);
        }
        catch (OperationCanceledException) when (to.Life != life || to.Service is null)
        {
            return null;
        }
        catch (IOException) when (to.Life != life)
        {
            // The life it was asked in is over, and its disk with it.
            return null;
        }

        trace.Add($"done {name}: {call.Describe(answer)}");
        return new SimAnswer<T>(answer, life);
    }

    private async Task ReturnAsync<T>(
        SimSite from,
        SimSite to,
        int askedIn,
        SimCall<T> call,
        string name,
        SimAnswer<T> answer,
        TaskCompletionSource<T> answered)
    {
        await to.Running;
        bool arrives = await TryTravelAsync(to, from, call.AnswerBytes(answer.Value));
        await from.Running;
        arrives &= from.Life == askedIn && to.Life == answer.Life;
        trace.Add($"{(arrives ? "answer" : "lost answer")} {name}");
        if (!arrives || !answered.TrySetResult(answer.Value))
        {
            (answer.Value as IDisposable)?.Dispose();
        }
    }

    private async Task<bool> TryTravelAsync(SimSite from, SimSite to, long bytes)
    {
        SimLink link = Link(from, to);
        bool isLost = link.IsCut || Chance(LossPercent);
        await time.WaitAsync(link.Delay + DelayOf(from, to, bytes));
        return !isLost && !link.IsCut;
    }

    /// <summary>Uneven, so that later messages overtake earlier ones.</summary>
    private TimeSpan DelayOf(SimSite from, SimSite to, long bytes)
    {
        double millis = from.DataCenter == to.DataCenter ? 0.1 : 10;
        millis *= 1 + (random.NextDouble() * (random.Next(20) == 0 ? 100 : 3));
        return TimeSpan.FromMilliseconds(millis + (bytes / 100_000.0));
    }

    private bool Chance(int percent) => percent > 0 && random.Next(100) < percent;

    private void Mark(BlobId? id, int change)
    {
        if (id is { } blob)
        {
            int count = _changing.GetValueOrDefault(blob) + change;
            if (count == 0)
            {
                _changing.Remove(blob);
            }
            else
            {
                _changing[blob] = count;
            }
        }
    }

    private sealed record SimAnswer<T>(T Value, int Life);
}

/// <summary>One direction between two sites.</summary>
internal sealed class SimLink
{
    /// <summary>Nothing arrives.</summary>
    public bool IsCut { get; set; }

    /// <summary>On top of what every message takes.</summary>
    public TimeSpan Delay { get; set; }

    public void Heal() => (IsCut, Delay) = (false, TimeSpan.Zero);
}

/// <summary>A request as the network sees it; it holds nothing that the sender can still change.</summary>
/// <param name="Execute">What the target does about it, once or twice.</param>
/// <param name="Copy">The answer in memory of its own; the original is disposed.</param>
/// <param name="Unreachable">The answer after <paramref name="Limit"/>.</param>
internal sealed record SimCall<T>(
    string Name,
    TimeSpan Limit,
    Func<IPeerService, ValueTask<T>> Execute,
    Func<T, CountingMemoryPool, T> Copy,
    Func<T> Unreachable)
{
    /// <summary>The blob that it is to delete or undelete.</summary>
    public BlobId? Changes { get; init; }

    public long RequestBytes { get; init; } = 100;

    public Func<T, long> AnswerBytes { get; init; } = static _ => 100;

    public Func<T, string> Describe { get; init; } = static answer => answer?.ToString() ?? string.Empty;
}
