using Ambry.Log;

namespace Ambry.Bench.Engine;

/// <summary>One fdatasync a write through the disk seam, without a log: what group commit has to beat.</summary>
internal static class SyncedWrites
{
    /// <summary>Writes a second.</summary>
    public static async Task<double> CountAsync(
        string folder, int blockBytes, TimeSpan length, TimeProvider time, CancellationToken token)
    {
        using var disk = new FileDisk(folder);
        byte[] content = new byte[blockBytes];
        new Random(1).NextBytes(content);
        double rate;
        using (var file = disk.Open("plain.data", create: true))
        {
            file.Preallocate(1L << 30);
            long start = time.GetTimestamp();
            long count = 0;
            for (; count == 0 || time.GetElapsedTime(start) < length; count++)
            {
                await file.WriteAsync(count * blockBytes, [content], token);
                await file.SyncAsync(token);
            }

            rate = count / time.GetElapsedTime(start).TotalSeconds;
        }

        disk.Delete("plain.data");
        return rate;
    }
}
