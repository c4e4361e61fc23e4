using Ambry.Log;
using Microsoft.Extensions.Logging;

namespace Ambry.Metadata.Engine;

/// <summary>Opening: the last committed state, or an empty one where the log can make up for it.</summary>
internal sealed partial class ShardEngine
{
    /// <exception cref="MappingLostException">Entries between the files and the log are missing.</exception>
    public static async ValueTask<ShardEngine> OpenAsync(
        IDisk disk,
        string folder,
        ShardEngineOptions options,
        ReplayLog log,
        TimeProvider time,
        ILogger logger,
        CancellationToken token)
    {
        var files = new ShardFiles(disk, folder, options.RedoPreallocateBytes);
        ShardEngine? engine = null;
        var thread = new EngineThread(
            $"shard {folder}", options.QueueMax, () => Volatile.Read(ref engine)?.BackgroundStep() ?? false);
        try
        {
            var opened = await OpenOrRebuildAsync(files, thread, log.OldestIndex, logger, token)
                .ConfigureAwait(false);
            EngineLog.Opened(logger, files.Name, opened.Store.FoldedIndex, opened.Directory.LeafCount);
            engine = new ShardEngine(files, opened, log, options, time, logger);
            return engine;
        }
        catch
        {
            await thread.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<Opened> OpenOrRebuildAsync(
        ShardFiles files, EngineThread thread, long oldestReplayableIndex, ILogger logger, CancellationToken token)
    {
        Opened? opened = null;
        Exception? damage = null;
        bool isCondemned = files.IsCondemned;
        bool isReplayable = IsReplayable(0, oldestReplayableIndex);
        if (!isCondemned || !isReplayable)
        {
            try
            {
                opened = await OpenFilesAsync(files, thread, token).ConfigureAwait(false);
            }
            catch (Exception fault) when (IsDamage(fault))
            {
                damage = fault;
            }
        }

        if (isCondemned && opened is not null)
        {
            // One bad leaf must not take the rest of it away.
            EngineLog.OpenedDamaged(logger, files.Name, oldestReplayableIndex);
            opened = opened with { IsDamaged = true };
        }

        if (opened is null)
        {
            // Only what the log can replace is dropped; otherwise the damaged files are all there is.
            RequireReplayable(files, 0, oldestReplayableIndex, damage);
            EngineLog.Rebuilding(logger, files.Name, damage);
            await files.DropAsync(token).ConfigureAwait(false);
            opened = await OpenFilesAsync(files, thread, token).ConfigureAwait(false) with { WasRebuilt = true };
        }

        try
        {
            RequireReplayable(files, opened.Store.FoldedIndex, oldestReplayableIndex, damage);
            return opened;
        }
        catch
        {
            await thread.RunAsync(opened.Close, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<Opened> OpenFilesAsync(
        ShardFiles files, EngineThread thread, CancellationToken token)
    {
        var pages = await files.OpenAsync(token).ConfigureAwait(false);
        try
        {
            return await thread.RunAsync(
                () => new Opened(thread, pages, LeafStore.Open(pages, out var directory), directory), token)
                .ConfigureAwait(false);
        }
        catch
        {
            pages.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A fault of the device is no proof that the file is bad; anything else that keeps it from opening is.
    /// </summary>
    private static bool IsDamage(Exception fault) =>
        fault is CorruptRecordException or not (IOException or OperationCanceledException or OutOfMemoryException);

    private static bool IsReplayable(long foldedIndex, long oldestReplayableIndex) =>
        foldedIndex + 1 >= oldestReplayableIndex;

    private static void RequireReplayable(
        ShardFiles files, long foldedIndex, long oldestReplayableIndex, Exception? damage)
    {
        if (IsReplayable(foldedIndex, oldestReplayableIndex))
        {
            return;
        }

        var message = $"{files.Name} holds index {foldedIndex}, and the log begins at {oldestReplayableIndex}.";
        throw damage is null ? new MappingLostException(message) : new MappingLostException(message, damage);
    }

    private sealed record Opened(EngineThread Thread, PageFile Pages, LeafStore Store, LeafDirectory Directory)
    {
        public bool WasRebuilt { get; init; }

        public bool IsDamaged { get; init; }

        public bool Close()
        {
            Store.Dispose();
            Pages.Dispose();
            return true;
        }
    }
}
