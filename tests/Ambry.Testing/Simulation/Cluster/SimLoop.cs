namespace Ambry.Testing.Simulation.Cluster;

/// <summary>Drives a background worker of the product in virtual time, as the host does in real time.</summary>
internal static class SimLoop
{
    /// <summary>
    /// Runs until the token ends it; pauses when there was nothing to do. What a worker throws is a defect, unless its
    /// life is over.
    /// </summary>
    public static async Task RunAsync(
        ClusterWorld world,
        SimSite site,
        TimeSpan pause,
        Func<CancellationToken, ValueTask<int>> runOnceAsync,
        CancellationToken token)
    {
        try
        {
            while (!token.IsCancellationRequested)
            {
                await site.Running;
                int done = await runOnceAsync(token);
                await world.Time.WaitAsync(done > 0 ? TimeSpan.FromMilliseconds(1) : pause, token);
            }
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            world.Trace.Add($"a loop of {site.Name} ended");
        }
        catch (Exception e)
        {
            world.Defect ??= new SimulationFault($"a background worker of {site.Name} failed: {e}");
        }
    }
}
