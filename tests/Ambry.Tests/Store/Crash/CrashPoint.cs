using Ambry.Log;
using Ambry.Store;
using Ambry.Testing;
using Ambry.Testing.Simulation;

namespace Ambry.Tests.Store.Crash;

/// <summary>The disk and the model in the moment of one mutating call. Immutable; the disk is only copied.</summary>
internal sealed record CrashPoint(int Call, SimDisk Disk, CrashMark Mark)
{
    /// <summary>Runs the script once on a disk and keeps every mutating call of it.</summary>
    public static (CrashModel Model, List<CrashPoint> Points) Record(
        BlobStoreOptions options, Func<SimDisk, IDisk>? wrap = null)
    {
        var disk = new SimDisk();
        var script = new CrashScript(wrap?.Invoke(disk) ?? disk, options);
        List<CrashPoint> points = [];
        disk.CallBegun = Keep;
        OneThread.Run(script.RunAsync);
        Keep(disk.MutatingCalls + 1);
        return (script.Model, points);

        void Keep(int call) =>
            points.Add(new CrashPoint(call, disk.Fork(), script.Model.Mark(script.Time.GetUtcNow())));
    }
}
