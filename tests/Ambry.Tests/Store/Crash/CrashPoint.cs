using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;

namespace Ambry.Tests.Store.Crash;

/// <summary>The disk and the model in the moment of one mutating call. Immutable; the disk is only copied.</summary>
internal sealed record CrashPoint(int Call, SimDisk Disk, CrashMark Mark)
{
    /// <summary>Runs the script once on a disk and keeps every mutating call of it.</summary>
    public static (CrashScript Script, List<CrashPoint> Points) Record(
        DurabilityMode mode = DurabilityMode.Group, Func<SimDisk, IDisk>? wrap = null)
    {
        var disk = new SimDisk();
        var script = new CrashScript(wrap?.Invoke(disk) ?? disk, mode);
        List<CrashPoint> points = [];
        disk.CallBegun = Keep;
        OneThread.Run(script.RunAsync);
        Keep(disk.MutatingCalls + 1);
        return (script, points);

        void Keep(int call) => points.Add(new CrashPoint(call, disk.Fork(), script.Mark()));
    }
}
