using Ambry.Log;

namespace Ambry.Metadata.Engine;

/// <summary>
/// The files of one shard: <c>shard.db</c> (LiteDB's pages), <c>shard.redo</c>, and <c>shard.bad</c>, a mark that the first was found damaged while
/// open, so that the next opening does not believe it again.
/// </summary>
internal sealed class ShardFiles(IDisk disk, string folder, long redoPreallocateBytes)
{
    private readonly string _data = $"{folder}/shard.db";
    private readonly string _redo = $"{folder}/shard.redo";
    private readonly string _bad = $"{folder}/shard.bad";

    public string Name => $"{disk.Name}/{folder}";

    public bool IsCondemned => disk.FileExists(_bad);

    public async ValueTask<PageFile> OpenAsync(CancellationToken token)
    {
        disk.CreateDirectory(folder);
        var data = disk.Open(_data, create: true);
        IDiskFile? redo = null;
        try
        {
            redo = disk.Open(_redo, create: true);
            // Both names must outlive a power cut before anything in the files may count as durable.
            await disk.SyncDirectoryAsync(folder, token).ConfigureAwait(false);
            return await PageFile.OpenAsync(data, redo, redoPreallocateBytes, token).ConfigureAwait(false);
        }
        catch
        {
            redo?.Dispose();
            data.Dispose();
            throw;
        }
    }

    public async ValueTask CondemnAsync(CancellationToken token)
    {
        using (var mark = disk.Open(_bad, create: true))
        {
            await mark.SyncAsync(token).ConfigureAwait(false);
        }

        await disk.SyncDirectoryAsync(folder, token).ConfigureAwait(false);
    }

    /// <summary>The mark goes last: a stop half-way drops the rest again.</summary>
    public async ValueTask DropAsync(CancellationToken token)
    {
        disk.Delete(_data);
        disk.Delete(_redo);
        await disk.SyncDirectoryAsync(folder, token).ConfigureAwait(false);
        disk.Delete(_bad);
        await disk.SyncDirectoryAsync(folder, token).ConfigureAwait(false);
    }
}
