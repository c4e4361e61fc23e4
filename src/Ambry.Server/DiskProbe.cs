using System.Buffers.Binary;
using Ambry.Log;

namespace Ambry.Server;

/// <summary>
/// Finds out whether a disk takes a write, makes it durable and gives it back, within a limit. A probe that exceeds it
/// counts as failed and is left to end by itself; until then every next one fails too. One driver.
/// </summary>
/// <remarks>What is read back may come from the page cache: damage of the medium is the scrubber's to find.</remarks>
internal sealed class DiskProbe(TimeProvider time, TimeSpan limit)
{
    public const string FileName = "disk.probe";

    private const int ProbeBytes = 4096;

    private Task _running = Task.CompletedTask;
    private long _rounds;

    /// <param name="expectedFolder">Was there before: without it another file system is mounted, or none.</param>
    public async ValueTask<DiskProbeResult> RunAsync(IDisk disk, string? expectedFolder)
    {
        if (!_running.IsCompleted)
        {
            return new DiskProbeResult(DiskFault.Hung, "an earlier probe has still not been answered");
        }

        // The loser's continuations must not run inside the timer or the disk's call.
        var answer = new TaskCompletionSource<DiskProbeResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new DiskProbeResult(DiskFault.Hung, $"a probe was not answered within {limit.TotalSeconds} s");
        await using ITimer timer = time.CreateTimer(
            _ => answer.TrySetResult(late), null, limit, Timeout.InfiniteTimeSpan);
        _running = ProbeAsync(disk, expectedFolder, ++_rounds, answer);
        return await answer.Task;
    }

    private async Task ProbeAsync(
        IDisk disk, string? expectedFolder, long round, TaskCompletionSource<DiskProbeResult> answer)
    {
        try
        {
            answer.TrySetResult(await ProbeAsync(disk, expectedFolder, round));
        }
        catch (FileNotFoundException missing)
        {
            answer.TrySetResult(new DiskProbeResult(DiskFault.Gone, missing.Message));
        }
        catch (IOException fault)
        {
            DiskFault kind = DiskException.FaultOf(fault);
            answer.TrySetResult(
                new DiskProbeResult(kind == DiskFault.None ? DiskFault.Device : kind, fault.Message));
        }
        catch (ObjectDisposedException closed)
        {
            // The node was closed while a probe of it still hung.
            answer.TrySetResult(new DiskProbeResult(DiskFault.Gone, closed.Message));
        }
    }

    private async ValueTask<DiskProbeResult> ProbeAsync(IDisk disk, string? expectedFolder, long round)
    {
        IDiskFile? opened = null;
        try
        {
            bool isThere = true;
            await disk.CallAsync(calls =>
            {
                isThere = expectedFolder is null || calls.ListDirectories("").Contains(expectedFolder);
                if (isThere)
                {
                    opened = calls.Open(FileName, create: true);

                    // So that the write needs room: a full disk would let the old bytes be overwritten.
                    opened.Truncate(0);
                }
            });
            return isThere && opened is { } file
                ? await WriteAndReadAsync(file, round)
                : new DiskProbeResult(DiskFault.Gone, $"the folder {expectedFolder} is missing");
        }
        finally
        {
            opened?.Dispose();
        }
    }

    private async ValueTask<DiskProbeResult> WriteAndReadAsync(IDiskFile file, long round)
    {
        byte[] written = new byte[ProbeBytes];
        BinaryPrimitives.WriteInt64LittleEndian(written, time.GetUtcNow().UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(written.AsSpan(ProbeBytes - sizeof(long)), round);
        await file.WriteAsync(0, [written], CancellationToken.None);
        await file.SyncAsync(CancellationToken.None);
        byte[] read = new byte[ProbeBytes];
        int count = await file.ReadAsync(0, read, CancellationToken.None);
        return count == ProbeBytes && read.AsSpan().SequenceEqual(written)
            ? default
            : new DiskProbeResult(DiskFault.Device, "other bytes were read than were written");
    }
}

/// <param name="Fault">Null when the disk is well.</param>
internal readonly record struct DiskProbeResult(DiskFault? Fault, string? Reason);
