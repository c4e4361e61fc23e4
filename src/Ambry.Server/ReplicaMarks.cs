using Ambry.Log;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>
/// The empty files in a replica's folder that remember across a crash what its store cannot know: that it has still to
/// catch up, that it was closed with everything on the disk, that it is to be deleted. Each is durable when the call
/// that wrote it returns. See docs/formats.md, "Marks of a replica". Whoever uses it holds the disk.
/// </summary>
internal sealed class ReplicaMarks(IDisk disk, string folder)
{
    public const string Bootstrap = "bootstrap_in_progress";
    public const string CleanStop = "clean_stop";
    public const string Dropped = "dropped";

    public bool HasBootstrap => disk.FileExists(PathOf(Bootstrap));

    public bool HasCleanStop => disk.FileExists(PathOf(CleanStop));

    public bool HasDropped => disk.FileExists(PathOf(Dropped));

    public bool HasStore => disk.FileExists(PathOf(BlobStore.DescriptorFileName));

    public async ValueTask SetAsync(string mark, CancellationToken token)
    {
        disk.CreateDirectory(folder);
        await disk.WriteAtomicAsync(PathOf(mark), ReadOnlyMemory<byte>.Empty, token);
    }

    public async ValueTask ClearAsync(string mark, CancellationToken token)
    {
        disk.Delete(PathOf(mark));
        await disk.SyncDirectoryAsync(folder, token);
    }

    /// <summary>
    /// Deletes the folder with everything in it. What a crash leaves of it carries the mark that it is to go, and is
    /// finished off by the next call; no remainder passes for a store.
    /// </summary>
    public async ValueTask DeleteFolderAsync(CancellationToken token)
    {
        await SetAsync(Dropped, token);
        foreach (string name in disk.ListDirectories(folder))
        {
            await DeleteTreeAsync($"{folder}/{name}", token);
        }

        foreach (string name in disk.ListFiles(folder).Where(name => name != Dropped))
        {
            disk.Delete(PathOf(name));
        }

        // The mark goes last: not before everything it speaks of is gone for good.
        await disk.SyncDirectoryAsync(folder, token);
        disk.Delete(PathOf(Dropped));
        await disk.SyncDirectoryAsync(folder, token);
        disk.DeleteDirectory(folder);
        await disk.SyncDirectoryAsync(ParentOf(folder), token);
    }

    private async ValueTask DeleteTreeAsync(string path, CancellationToken token)
    {
        foreach (string name in disk.ListDirectories(path))
        {
            await DeleteTreeAsync($"{path}/{name}", token);
        }

        foreach (string name in disk.ListFiles(path))
        {
            token.ThrowIfCancellationRequested();
            disk.Delete($"{path}/{name}");
        }

        disk.DeleteDirectory(path);
        await disk.SyncDirectoryAsync(ParentOf(path), token);
    }

    private static string ParentOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private string PathOf(string name) => $"{folder}/{name}";
}
