using System.Globalization;

namespace Ambry.Testing.Simulation;

/// <summary>One run; everything follows from the seed and these numbers.</summary>
public sealed record SimulationOptions(int Seed)
{
    public int Clients { get; init; } = 4;

    public int OperationsPerClient { get; init; } = 16;

    /// <summary>Lives of the store; the last one ends well.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>The disk call of the first life at which the machine stops; by chance when null.</summary>
    public int? StopAtCall { get; init; }

    /// <summary>The expression that makes these options.</summary>
    public string ToCode() => string.Create(
        CultureInfo.InvariantCulture,
        $"new SimulationOptions({Seed}) {{ Clients = {Clients}, OperationsPerClient = {OperationsPerClient}, "
            + $"Epochs = {Epochs}{(StopAtCall is { } call ? $", StopAtCall = {call}" : "")} }}");
}

/// <param name="TraceHash">Over every answer and every step of the run: equal for equal seeds.</param>
/// <param name="Calls">Mutating disk calls of the first life.</param>
/// <param name="Leaks">Blobs that nothing stands on at the end, each explained by a stop.</param>
/// <param name="Compactions">Cycles of compaction in all stores.</param>
public sealed record SimulationResult(
    ulong TraceHash, int Operations, int Calls, int Stops, int OpenOutcomes, int Leaks, int Blobs, int Compactions);

/// <summary>
/// The whole embedded core on one thread, driven by one seed: several clients, background work, stops of process and
/// machine and faults of the disk; then everything compared with what was acknowledged, and every byte accounted for.
/// </summary>
public sealed class ObjectSimulation
{
    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly SimModel _model = new();
    private readonly SimDurables _durables;
    private SimDisk _disk = new();
    private bool _hasFailed;
    private bool _clientsAreDone;
    private int _stops;
    private int _callsOfFirst;
    private int _compactions;

    private ObjectSimulation(SimulationOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        _durables = new SimDurables(_random.Next());
    }

    private bool IsOff => _disk.MutatingCalls >= _disk.StopAtCall;

    private bool HasStopped => _hasFailed || IsOff;

    /// <exception cref="SimulationFault">Something the model does not allow; the message says how to run it
    /// again.</exception>
    public static SimulationResult Run(SimulationOptions options)
    {
        var simulation = new ObjectSimulation(options);
        SimulationResult? result = null;
        try
        {
            OneThread.Run(async () => result = await simulation.RunAsync(), options.Seed);
        }
        catch (Exception fault)
        {
            throw new SimulationFault(
                $"Seed {options.Seed} fails: {fault.Message} (last: {simulation._model.LastEvent}). Run it again with "
                    + $"ObjectSimulation.Run({options.ToCode()}).\n{fault}");
        }

        GC.KeepAlive(simulation);
        return result!;
    }

    private async Task<SimulationResult> RunAsync()
    {
        SimWorld? world = null;
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            world = await OpenAsync(mayStop: epoch > 0 && epoch < _options.Epochs - 1);
            await new SimCheck(world, _model).EverythingAsync();
            await RestAsync(world);
            bool isLast = epoch == _options.Epochs - 1;
            await LiveAsync(world, isFirst: epoch == 0, isLast);
            if (!isLast)
            {
                Stop();
            }
        }

        int leaks = await EndAsync(world!);
        _model.Trace($"{OneThread.Steps} steps, {_disk.MutatingCalls} calls, {leaks} leaks");
        return new SimulationResult(
            _model.TraceHash,
            _model.Operations,
            _callsOfFirst,
            _stops,
            _model.OpenOutcomes,
            leaks,
            _durables.Written.Count,
            _compactions);
    }

    /// <summary>Opens the store without help; the machine may stop meanwhile, any number of times.</summary>
    private async Task<SimWorld> OpenAsync(bool mayStop)
    {
        while (true)
        {
            _disk.StopAtCall = mayStop && _random.Next(3) == 0 ? 1 + _random.Next(30) : null;
            try
            {
                var world = await SimWorld.OpenAsync(_disk, _durables, _random);
                _disk.StopAtCall = null;
                return world;
            }
            catch (IOException) when (IsOff)
            {
                Stop();
            }
        }
    }

    /// <summary>
    /// Now and then nothing is asked for a while: what was deleted before is then older than deleted blobs are kept.
    /// </summary>
    private async Task RestAsync(SimWorld world)
    {
        if (_random.Next(2) == 0)
        {
            await DrainAsync(world);
            _durables.Time.Advance(2 * SimWorld.Retention);
        }
    }

    private async Task LiveAsync(SimWorld world, bool isFirst, bool isLast)
    {
        var first = new SimClient(world, _model, () => HasStopped, _random);
        if (isFirst)
        {
            await first.CreateLastingBucketsAsync();
        }

        if (!isLast)
        {
            PlanStop(isFirst);
        }

        _clientsAreDone = false;
        var janitor = KeepHouseAsync(world);
        var clients = Enumerable.Range(0, _options.Clients)
            .Select(_ => new SimClient(world, _model, () => HasStopped, _random))
            .Select(client => client.RunAsync(_options.OperationsPerClient, () => IsOff))
            .ToList();
        await Task.WhenAll(clients);
        _clientsAreDone = true;
        await janitor;
        if (isFirst)
        {
            _callsOfFirst = _disk.MutatingCalls;
        }
    }

    /// <summary>A stop of the machine at some call, a disk that fails one kind of file then, or neither.</summary>
    private void PlanStop(bool isFirst)
    {
        if (isFirst && _options.StopAtCall is { } call)
        {
            _disk.StopAtCall = Math.Max(call, _disk.MutatingCalls + 1);
            return;
        }

        int after = 1 + _random.Next(_options.Clients * _options.OperationsPerClient * 6);
        switch (_random.Next(5))
        {
            case 0:
                break;
            case 1:
                bool mapping = _random.Next(2) == 0;
                _disk.SyncFault = path => FailFrom(ref after, SimWorld.IsMappingLog(path) == mapping);
                break;
            default:
                _disk.StopAtCall = _disk.MutatingCalls + after;
                break;
        }
    }

    private IOException? FailFrom(ref int calls, bool isMeant)
    {
        if (!isMeant || --calls > 0)
        {
            return null;
        }

        _hasFailed = true;
        return new IOException("The simulated disk fails.");
    }

    /// <summary>Power off or kill; what is in memory is gone.</summary>
    private void Stop()
    {
        _stops++;
        _disk = _random.Next(3) == 0 ? _disk.Kill() : _disk.Crash(_random.Next());
        _hasFailed = false;
        _model.Stop();
        _model.Trace(string.Create(CultureInfo.InvariantCulture, $"stop {_stops}"));
    }

    /// <summary>The background work, in no order.</summary>
    private async Task KeepHouseAsync(SimWorld world)
    {
        SimPeers.CurrentOperation = 0;
        while (!_clientsAreDone && !IsOff)
        {
            try
            {
                await KeepHouseOnceAsync(world);
            }
            catch (IOException) when (HasStopped)
            {
                _model.Trace("the background work met the stop");
            }

            for (int turns = _random.Next(40); turns >= 0; turns--)
            {
                await Task.Yield();
            }
        }
    }

    private async Task KeepHouseOnceAsync(SimWorld world)
    {
        switch (_random.Next(8))
        {
            case 0 or 1:
                await ReclaimAsync(world);
                break;
            case 2:
                await world.Router.BackgroundDeleter.RunOnceAsync(default);
                break;
            case 3:
                await world.Node.IndexFlush.RunOnceAsync(default);
                break;
            case 4:
                await world.Metadata.RunMaintenanceOnceAsync(default);
                break;
            case 5:
                _compactions += (await world.Node.Maintenance.TryCompactAsync(default))?.Cycles ?? 0;
                break;
            case 6:
                await world.Node.Maintenance.HardDelete[0].RunOnceAsync(default);
                await world.Node.Maintenance.Scrub[0].RunOnceAsync(default);
                break;
            default:
                _durables.Time.Advance(TimeSpan.FromMilliseconds(_random.Next(4000)));
                break;
        }
    }

    /// <summary>Now and then the process is asked to end while it reclaims, and does not.</summary>
    private async Task ReclaimAsync(SimWorld world)
    {
        using var end = new CancellationTokenSource();
        var reclaiming = world.Reclaimer.RunOnceAsync(end.Token);
        for (int turns = _random.Next(60); turns > 0 && !reclaiming.IsCompleted; turns--)
        {
            await Task.Yield();
        }

        if (_random.Next(4) == 0)
        {
            end.Cancel();
        }

        try
        {
            await reclaiming;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            _model.Trace("reclaiming was cancelled");
        }
    }

    /// <summary>No more faults: queues run empty, nothing is missing, nothing is left over without reason.</summary>
    private async Task<int> EndAsync(SimWorld world)
    {
        await DrainAsync(world);
        var check = new SimCheck(world, _model);
        await check.EverythingAsync();
        await check.LeaksAsync(_durables);
        await new SimClient(world, _model, () => false, _random).RemoveEverythingAsync();
        await DrainAsync(world);
        check = new SimCheck(world, _model);
        await check.EverythingAsync();
        return await check.LeaksAsync(_durables);
    }

    private async Task DrainAsync(SimWorld world)
    {
        SimPeers.CurrentOperation = 0;
        for (int round = 0; round < 100; round++)
        {
            int done = await world.Reclaimer.RunOnceAsync(default);
            done += await world.Router.BackgroundDeleter.RunOnceAsync(default);
            if (done + world.Router.BackgroundDeleter.Count == 0)
            {
                await DemandEmptyQueuesAsync(world);
                return;
            }

            _durables.Time.Advance(TimeSpan.FromSeconds(1));
        }

        throw new SimulationFault("the background work does not come to an end");
    }

    private static async Task DemandEmptyQueuesAsync(SimWorld world)
    {
        for (int shard = 0; shard < world.Metadata.ShardCount; shard++)
        {
            var left = await world.Metadata.ReadReclaimQueueAsync(shard, afterSequence: 0, maxItems: 1, default);
            SimModel.Demand(left.Count == 0, $"shard {shard} keeps work that the reclaimer does not do");
        }
    }
}
