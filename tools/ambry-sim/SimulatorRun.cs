using System.Globalization;
using Ambry.Testing.Simulation;

namespace Ambry.Simulator;

/// <summary>Runs a range of seeds and tells how it goes. One run; its threads write through one lock.</summary>
internal sealed class SimulatorRun(
    Scenario scenario, SeedRange range, int jobs, TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private long _told = time.GetTimestamp();
    private int _ended;

    /// <summary>0 when every seed ended well, else 1.</summary>
    public int Run()
    {
        var run = new SeedRun<string>(scenario.Run) { Ended = OnEnded };
        run.Run(range.From, range.To, jobs);
        if (range.Count == 1 && run.Results is [var only])
        {
            output.WriteLine(only.Result);
        }

        if (run.Fault is { } fault)
        {
            output.WriteLine(fault.Fault.Message);
            output.WriteLine(Line($"Seed {fault.Seed} fails. Again: ambry-sim {scenario.ArgumentsOf(fault.Seed)}"));
            return 1;
        }

        output.WriteLine(Line($"{range.Count} seeds passed in {Elapsed():F1} s."));
        return 0;
    }

    private void OnEnded(int seed)
    {
        lock (_gate)
        {
            _ended++;
            if (time.GetElapsedTime(_told) >= TellEvery)
            {
                _told = time.GetTimestamp();
                output.WriteLine(Line($"{_ended} of {range.Count} seeds in {Elapsed():F0} s, the last is {seed}"));
            }
        }
    }

    private double Elapsed() => time.GetElapsedTime(_began).TotalSeconds;

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
