using Ambry.Log;

namespace Ambry.Store.Index;

/// <summary>
/// The folder of a store's index files: what writes, lists and drops them. Different files at once, one file by one
/// task at a time.
/// </summary>
internal sealed class IndexFolder(IDisk disk, string folder)
{
    /// <summary>
    /// Writes a segment's file, or replaces the one of the same name. When it returns, the file is durable under its
    /// name. The caller has synced the log up to the newest entry.
    /// </summary>
    public async ValueTask WriteAsync(
        IndexRange range, ReadOnlyMemory<IndexEntry> entries, CancellationToken token)
    {
        using IndexFileImage image = IndexFileImage.Build(range, entries.Span);
        await WriteAsync(image, token);
    }

    /// <summary>Writes the file of a segment that gets no more entries, and opens it.</summary>
    public async ValueTask<IndexFile> WriteAndOpenAsync(
        IndexRange range, ReadOnlyMemory<IndexEntry> entries, CancellationToken token)
    {
        using IndexFileImage image = IndexFileImage.Build(range, entries.Span);
        await WriteAsync(image, token);
        return IndexFile.Of(disk.Open(PathOf(NameOf(image)), create: false), image);
    }

    /// <summary>
    /// The files there, oldest first, and first LSNs of those of version 1; deletes the left-overs of writes that did
    /// not finish.
    /// </summary>
    public (IReadOnlyList<IndexFileName> Files, IReadOnlyList<long> Version1) List()
    {
        var files = new List<IndexFileName>();
        var version1 = new List<long>();
        foreach (string name in disk.ListFiles(folder))
        {
            if (name.EndsWith(IndexFileName.TemporarySuffix, StringComparison.Ordinal))
            {
                disk.Delete($"{folder}/{name}");
            }
            else if (IndexFileName.TryParse(name, out IndexFileName parsed))
            {
                files.Add(parsed);
            }
            else if (IndexFileName.TryParseVersion1(name, out long firstLsn))
            {
                version1.Add(firstLsn);
            }
        }

        files.Sort();
        version1.Sort();
        return (files, version1);
    }

    public ValueTask<IndexFile?> TryOpenAsync(IndexFileName name, CancellationToken token) =>
        IndexFile.TryOpenAsync(disk, PathOf(name), token);

    /// <summary>The entries of a file of version 1; null when it is not intact.</summary>
    public ValueTask<IndexEntry[]?> TryReadVersion1Async(long firstLsn, CancellationToken token) =>
        LegacyIndexFile.TryReadAsync(disk, $"{folder}/{IndexFileName.ForVersion1(firstLsn)}", firstLsn, token);

    /// <summary>Deletes a file; durable after <see cref="SyncDropsAsync"/>.</summary>
    public void Drop(IndexFileName name) => disk.Delete(PathOf(name));

    public void DropVersion1(long firstLsn) => disk.Delete($"{folder}/{IndexFileName.ForVersion1(firstLsn)}");

    public ValueTask SyncDropsAsync(CancellationToken token) => disk.SyncDirectoryAsync(folder, token);

    private async ValueTask WriteAsync(IndexFileImage image, CancellationToken token)
    {
        string path = PathOf(NameOf(image));
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

    private static IndexFileName NameOf(IndexFileImage image) =>
        new(image.Header.Range.FirstLsn, image.Header.Range.LogSegment);

    private string PathOf(IndexFileName name) => $"{folder}/{name}";
}
