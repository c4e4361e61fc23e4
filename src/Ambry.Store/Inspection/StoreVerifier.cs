using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>
/// Holds a store's log, manifest and index against each other, byte by byte, without changing or locking anything. Only
/// what is found twice is damage: beside a running process a record may be read half written, or a segment be
/// compacted away under the reading. Memory: the largest record, the largest index file, and bounded lists. Stateless.
/// </summary>
public static class StoreVerifier
{
    // A first look, and some more while there is something to confirm that was not there before.
    private const int MaxPasses = 4;

    /// <exception cref="IOException">The disk failed.</exception>
    public static async ValueTask<VerifyReport> VerifyAsync(
        IDisk disk, StorePlace place, IProgress<VerifyProgress>? progress, CancellationToken token)
    {
        VerifyReport report = await new VerifyPass(disk, place, progress).RunAsync(token);
        VerifyFinding[] confirmed = [];
        for (int pass = 1; pass < MaxPasses && !report.IsRight; pass++)
        {
            VerifyReport next = await new VerifyPass(disk, place, progress).RunAsync(token);
            confirmed = [.. next.Damage.Intersect(report.Damage)];
            report = next;
            if (confirmed.Length == next.Damage.Count)
            {
                return next;
            }
        }

        return report.IsRight ? report : Confirmed(report, confirmed);
    }

    private static VerifyReport Confirmed(VerifyReport report, VerifyFinding[] confirmed) => report with
    {
        Damage = confirmed,
        MoreDamage = 0,
        Notes =
        [
            .. report.Notes,
            new VerifyFinding(
                VerifyFault.None,
                ".",
                null,
                null,
                $"{report.Damage.Count - confirmed.Length} findings differed each time: a process is writing here"),
        ],
    };
}
