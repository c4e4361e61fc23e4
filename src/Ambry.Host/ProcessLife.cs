using System.Runtime.InteropServices;

namespace Ambry.Host;

/// <summary>
/// How a process of `ambry` lives and ends: SIGTERM or SIGINT drains and ends with 0; whatever goes wrong ends as one
/// line on stderr and 1. The details are in the log of a run that says them.
/// </summary>
internal static class ProcessLife
{
    private const int Failed = 1;

    /// <summary>Serves until a signal comes.</summary>
    /// <param name="serve">False when the drain had to cut requests off.</param>
    /// <param name="seeWhere">How to get the details of a failure, as a sentence.</param>
    /// <param name="isSecondTermPatient">Whether a second SIGTERM waits for the drain as the first one does: service
    /// managers repeat theirs. A second SIGINT comes from a person, and ends the process at once.</param>
    public static async Task<int> RunAsync(
        Func<CancellationToken, Task<bool>> serve,
        TimeSpan drainLimit,
        string seeWhere,
        bool isSecondTermPatient,
        CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop, isSecondTermPatient);
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop, isSecondPatient: false);
        try
        {
            if (await serve(stop.Token))
            {
                return 0;
            }

            await SayAsync($"requests still under way after {drainLimit.TotalSeconds:0.#} s were cut off.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it was still opening: nothing to drain.
            return 0;
        }
        catch (StartupException fault)
        {
            await SayAsync(fault.Message);
        }
        catch (Exception fault)
        {
            // The process ends with it: there is nobody above who could say it better.
            await SayAsync($"{fault.GetType().Name}: {fault.Message} {seeWhere}");
        }

        return Failed;
    }

    public static async Task WaitAsync(CancellationToken token)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(stopped.SetResult);
        await stopped.Task;
    }

    public static Task SayAsync(string line) => Console.Error.WriteLineAsync($"ambry: {line.ReplaceLineEndings(" ")}");

    /// <summary>The first signal drains; one that is not patient falls through and ends the process.</summary>
    private static PosixSignalRegistration OnSignal(
        PosixSignal signal, CancellationTokenSource stop, bool isSecondPatient) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = isSecondPatient || !stop.IsCancellationRequested;
            stop.Cancel();
        });
}
