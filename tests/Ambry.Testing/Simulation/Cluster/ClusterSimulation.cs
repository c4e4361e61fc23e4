namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// Storage nodes with their stores, replication and life cycles, and gateways with their routers, on one thread, driven
/// by one seed: clients at work while processes, machines, disks and links fail. Then the faults stop, the replicas
/// must become level, and everything is compared with what was acknowledged. See docs/testing.md, "Cluster simulation".
/// </summary>
public sealed class ClusterSimulation
{
    private readonly ClusterSimulationOptions _options;
    private readonly ClusterWorld _world;
    private readonly ClusterModel _model;
    private readonly SimOperator _maps;
    private readonly ClusterFaults _faults;

    private ClusterSimulation(ClusterSimulationOptions options)
    {
        _options = options;
        _world = new ClusterWorld(options);
        _model = new ClusterModel(_world.Trace);
        _maps = new SimOperator(_world);
        _faults = new ClusterFaults(_world, _model, _maps);
    }

    /// <exception cref="SimulationFault">Something the model does not allow; the message says how to run it
    /// again.</exception>
    public static ClusterSimulationResult Run(ClusterSimulationOptions options)
    {
        ClusterSimulation? simulation = null;
        ClusterSimulationResult? result = null;
        try
        {
            simulation = new ClusterSimulation(options);
            OneThread.Run(
                async () => result = await simulation.RunAsync(), options.Seed, simulation._world.Time.TryFireNext);
        }
        catch (Exception fault)
        {
            throw new SimulationFault(
                $"Seed {options.Seed} fails: {fault.Message} Run it again with "
                    + $"ClusterSimulation.Run({options.ToCode()}), or with tools/ambry-sim --scenario cluster "
                    + $"--seeds {options.Seed}-{options.Seed} --trace.\n"
                    + $"{simulation?._world.Trace.ToText()}\n{fault}");
        }

        GC.KeepAlive(simulation);
        return result!;
    }

    private async Task<ClusterSimulationResult> RunAsync()
    {
        await _world.StartAsync();
        if (_options.ChangesMap)
        {
            _world.Watch(_maps.RunAsync(), "the operator");
        }

        var calm = new ClusterCalm(_world, _model, _maps);
        await calm.BecomeLevelAsync();
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            Task faults = _faults.RunAsync();
            await WorkAsync(_options.Operations);
            _faults.End();
            await faults;
            await calm.BecomeLevelAsync();
            await calm.CheckEverythingAsync();
            await WorkAsync(3);
            await RestAsync();
        }

        await calm.BecomeLevelAsync();
        await calm.CheckEverythingAsync();
        _maps.End();
        await _world.StopAsync();
        _world.ThrowIfDefect();
        return Result();
    }

    private ClusterSimulationResult Result()
    {
        _world.Trace.Add(OneThread.Choices);
        return new ClusterSimulationResult(
            _world.Trace.Hash,
            _model.Operations,
            _model.Failures,
            _model.Blobs.Count,
            _world.Network.Messages,
            _faults.Count,
            _world.Nodes.Sum(node => node.Starts - 1),
            _faults.Wipes,
            _maps.Changes,
            OneThread.Steps + _world.Time.Fired,
            _world.Time.Elapsed);
    }

    private Task WorkAsync(int operations) => Task.WhenAll(Enumerable.Range(0, _options.Clients).Select(
        number => new ClusterClient(_world, _model, _world.Gateways[number % _world.Gateways.Count])
            .RunAsync(operations)));

    /// <summary>Now and then nothing is asked for days: blobs expire, deleted ones are forgotten.</summary>
    private async Task RestAsync()
    {
        if (_world.Random.Next(2) == 0)
        {
            await new ClusterCalm(_world, _model, _maps).BecomeLevelAsync();
            _world.Trace.Add("three days pass");
            _world.Time.Leap(TimeSpan.FromDays(3));
        }
    }
}
