using Ambry.ClusterMap;

namespace Ambry.Control.Cluster;

/// <summary>A cluster map as a file. It is replaced whole or not at all.</summary>
internal static class MapFile
{
    /// <exception cref="UsageException">It is not there, or not a map.</exception>
    public static async Task<ClusterLayout> ReadAsync(string path, CancellationToken token)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"'{path}' is not there.");
        }

        ClusterLayoutResult result = ClusterLayout.Parse(await File.ReadAllBytesAsync(path, token));
        return result.Layout ?? throw new UsageException($"'{path}' is no cluster map: {Faults.Text(result.Faults)}");
    }

    public static async Task WriteAsync(string path, ClusterLayout layout, CancellationToken token)
    {
        string fresh = $"{path}.new";
        await using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            await file.WriteAsync(layout.ToJson(), token);
            await file.WriteAsync("\n"u8.ToArray(), token);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
