
namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// Breaks things while clients work, never more than the promise bears: see docs/testing.md, "What may fail together in
/// a cluster". For one thread only.
/// </summary>
internal sealed partial class ClusterFaults(ClusterWorld world, ClusterModel model, SimOperator maps)
{
    private readonly Random _random = world.Random;
    private readonly List<Task> _recoveries = [];
    private bool _isOver;
    private bool _mayLoseData;
    private bool _hasChangedMap;

    public int Count { get; private set; }

    public int Wipes { get; private set; }

    /// <summary>Breaks one thing after the other until told to end.</summary>
    public async Task RunAsync()
    {
        (_isOver, _mayLoseData, _hasChangedMap) = (false, true, false);
        model.HasFaults = true;
        while (!_isOver)
        {
            await world.Time.WaitAsync(TimeSpan.FromMilliseconds(20 + _random.Next(1500)));
            if (!_isOver)
            {
                Count++;
                Break();
            }
        }

        await EndAsync();
    }

    /// <summary>No new faults; the loop heals what is broken.</summary>
    public void End() => _isOver = true;

    private void Break()
    {
        SimNode node = world.Nodes[_random.Next(world.Nodes.Count)];
        switch (_random.Next(world.Options.ChangesMap ? 18 : 16))
        {
            case 0:
                StopProcess(node, "kill", node.Kill, losesAcknowledged: false);
                break;
            case 1:
                StopProcess(node, "cut the power of", node.CutPower, losesAcknowledged: IsInterval);
                break;
            case 2 or 3:
                StopProcess(node, "wipe", node.Wipe, losesAcknowledged: true);
                break;
            case 4:
                Later(PauseAsync(node));
                break;
            case 5 or 6:
                Later(CutAsync());
                break;
            case 7:
                Later(IsolateAsync(node));
                break;
            case 8:
                world.Network.LossPercent = _random.Next(10);
                world.Network.DuplicatePercent = _random.Next(10);
                world.Trace.Add($"lose {world.Network.LossPercent} %, twice {world.Network.DuplicatePercent} %");
                break;
            case 9:
                Later(SlowLinkAsync());
                break;
            case 10:
                Later(SlowDiskAsync(node));
                break;
            case 11:
                Later(FillDiskAsync(node));
                break;
            case 12:
                Later(BreakDiskAsync(node));
                break;
            case 13:
                Rot(node);
                break;
            case 16 or 17:
                ChangeMap();
                break;
            default:
                Later(CornerAsync());
                break;
        }
    }

    /// <summary>Once between two calms; it need not be over when the faults end.</summary>
    private void ChangeMap()
    {
        if (!_hasChangedMap)
        {
            _hasChangedMap = true;
            maps.Begin();
        }
    }

    private bool IsInterval => world.Shape.Durability == Log.DurabilityMode.Interval;

    /// <summary>
    /// What takes acknowledged bytes along happens once between two calms: until all replicas are level again the
    /// others may hold the only copies.
    /// </summary>
    private void StopProcess(SimNode node, string what, Action stop, bool losesAcknowledged)
    {
        if (node.Node is null || (losesAcknowledged && !TryLoseData(node)))
        {
            return;
        }

        world.Trace.Add($"{what} {node.Site.Name}");
        stop();
        Later(RestartAsync(node));
    }

    /// <summary>
    /// Once between two calms, and only where the data centre has two replicas that a put waits for.
    /// </summary>
    private bool TryLoseData(SimNode node)
    {
        int nodes = world.Shape.DataCenters.First(center => center.Id == node.Site.DataCenter.Value).DataNodes.Count;
        if (!_mayLoseData || nodes < 2)
        {
            return false;
        }

        _mayLoseData = false;
        Wipes++;
        return true;
    }

    private async Task RestartAsync(SimNode node)
    {
        await AWhileAsync(6000);
        await node.StartAsync();
    }

    private async Task PauseAsync(SimNode node)
    {
        world.Trace.Add($"pause {node.Site.Name}");
        node.Site.Pause();
        await AWhileAsync(6000);
        world.Trace.Add($"resume {node.Site.Name}");
        node.Site.Resume();
    }

    private async Task CutAsync()
    {
        SimSite[] sites = [.. world.Sites];
        SimSite from = sites[_random.Next(sites.Length)];
        SimSite[] to = [.. sites.Where(site => site != from && _random.Next(2) == 0)];
        bool isOneWay = _random.Next(2) == 0;
        SimLink[] links =
        [
            .. to.Select(site => world.Network.Link(from, site)),
            .. isOneWay ? [] : to.Select(site => world.Network.Link(site, from)),
        ];
        string names = string.Join(',', to.Select(site => site.Name));
        await CutAsync($"cut {from.Name}{(isOneWay ? ">" : "-")}{names}", links, 6000);
    }

    /// <summary>A node from everybody, or a data centre from the other.</summary>
    private async Task IsolateAsync(SimNode node)
    {
        bool isWhole = world.Shape.DataCenters.Count > 1 && _random.Next(2) == 0;
        SimSite[] inside = [.. world.Sites.Where(
            site => isWhole ? site.DataCenter == node.Site.DataCenter : site == node.Site)];
        string name = isWhole ? $"data centre {node.Site.DataCenter.Value}" : node.Site.Name;
        await CutAsync($"isolate {name}", LinksOf(inside), 6000);
    }

    /// <summary>All between these sites and the others.</summary>
    private SimLink[] LinksOf(params SimSite[] inside) =>
    [
        .. from a in inside
        from b in world.Sites.Except(inside)
        from link in new[] { world.Network.Link(a, b), world.Network.Link(b, a) }
        select link,
    ];

    private async Task CutAsync(string what, SimLink[] links, int millisMax)
    {
        world.Trace.Add(what);
        foreach (SimLink link in links)
        {
            link.IsCut = true;
        }

        await AWhileAsync(millisMax);
        world.Trace.Add($"end of {what}");
        foreach (SimLink link in links)
        {
            link.IsCut = false;
        }
    }

    private async Task SlowLinkAsync()
    {
        SimSite[] sites = [.. world.Sites];
        SimLink link = world.Network.Link(sites[_random.Next(sites.Length)], sites[_random.Next(sites.Length)]);
        link.Delay = TimeSpan.FromMilliseconds(50 + _random.Next(2500));
        await AWhileAsync(6000);
        link.Delay = TimeSpan.Zero;
    }

    private Task AWhileAsync(int millisMax) =>
        world.Time.WaitAsync(TimeSpan.FromMilliseconds(10 + _random.Next(millisMax)));

    private void Later(Task recovery) => _recoveries.Add(recovery);

    private async Task EndAsync()
    {
        world.Trace.Add("the faults end");
        foreach (Task recovery in _recoveries)
        {
            await recovery;
        }

        _recoveries.Clear();
        world.Network.Heal();
        await ReplaceRottenAsync();
        world.Trace.Add("all is healed");
    }
}
