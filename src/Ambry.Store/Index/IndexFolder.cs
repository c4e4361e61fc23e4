using Ambry.Log;

namespace Ambry.Store.Index;

/// <summary>
/// The folder of a store's index files: what writes, lists and drops them. Used by one task at a time.
/// </summary>
internal sealed class IndexFolder(IDisk disk, string folder)
{
    /// <summary>
    /// Writes a segment's file, or replaces an older one of the same first LSN. When it returns, the file is durable
    /// under its name. The caller has synced the log up to the newest entry.
    /// </summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<IndexEntry> entries, CancellationToken token)
    {
        using IndexFileImage image = IndexFileImage.Build(entries.Span);
        await WriteAsync(image, token);
    }

    /// <summary>Writes a sealed segment and answers from the file from now on.</summary>
    public async ValueTask<IndexFile> WriteAndOpenAsync(ReadOnlyMemory<IndexEntry> entries, CancellationToken token)
    {
        using IndexFileImage image = IndexFileImage.Build(entries.Span);
        await WriteAsync(image, token);
        IDiskFile file = disk.Open(PathOf(image.Header.FirstLsn), create: false);
        return new IndexFile(file, image.Header, image.Fences, image.Bloom);
    }

    /// <summary>
    /// First LSNs of the files there, oldest first; deletes the left-overs of writes that did not finish.
    /// </summary>
    public IReadOnlyList<long> List()
    {
        var found = new List<long>();
        foreach (string name in disk.ListFiles(folder))
        {
            if (name.EndsWith(IndexFileName.TemporarySuffix, StringComparison.Ordinal))
            {
                disk.Delete($"{folder}/{name}");
            }
            else if (IndexFileName.TryParse(name, out long firstLsn))
            {
                found.Add(firstLsn);
            }
        }

        found.Sort();
        return found;
    }

    public ValueTask<IndexFile?> TryOpenAsync(long firstLsn, CancellationToken token) =>
        IndexFile.TryOpenAsync(disk, PathOf(firstLsn), token);

    /// <summary>Deletes a file; durable after <see cref="SyncDropsAsync"/>.</summary>
    public void Drop(long firstLsn) => disk.Delete(PathOf(firstLsn));

    public ValueTask SyncDropsAsync(CancellationToken token) => disk.SyncDirectoryAsync(folder, token);

    private async ValueTask WriteAsync(IndexFileImage image, CancellationToken token)
    {
        string path = PathOf(image.Header.FirstLsn);
        string temporary = path + IndexFileName.TemporarySuffix;
        disk.Delete(temporary);
        using (IDiskFile file = disk.Open(temporary, create: true))
        {
            await file.WriteAsync(0, [image.Bytes], token);

            // The bytes are durable before the name is: a name never stands for a torn file.
            await file.SyncAsync(token);
        }

        disk.Rename(temporary, path);
        await disk.SyncDirectoryAsync(folder, token);
    }

    private string PathOf(long firstLsn) => $"{folder}/{IndexFileName.For(firstLsn)}";
}
