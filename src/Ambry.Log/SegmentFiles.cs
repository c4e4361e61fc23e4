namespace Ambry.Log;

/// <summary>Creates segments so that a crash leaves either no segment or a whole header.</summary>
internal static class SegmentFiles
{
    /// <summary>
    /// Creates a segment; its header and its name are durable when this returns.
    /// </summary>
    /// <exception cref="DiskFullException">There is no room; no header was written, the log may go on in its
    /// tail.</exception>
    public static async ValueTask<LogSegment> CreateAsync(
        IDisk disk,
        string folder,
        SegmentHeader header,
        bool preallocate,
        SegmentPool? pool,
        CancellationToken token)
    {
        LogSegment segment = await CreateBareAsync(disk, folder, header, preallocate, pool);
        bool created = false;
        try
        {
            var bytes = new byte[SegmentHeader.Bytes];
            header.Write(bytes);
            await CommitHeaderAsync(disk, folder, segment.File, bytes, token);
            created = true;
            return segment;
        }
        finally
        {
            if (!created)
            {
                segment.Release();
            }
        }
    }

    /// <summary>Creates the file of a segment, still without its header; nothing of it is durable.</summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    public static async ValueTask<LogSegment> CreateBareAsync(
        IDisk disk, string folder, SegmentHeader header, bool preallocate, SegmentPool? pool)
    {
        string path = $"{folder}/{LogSegment.FileName(header.Number)}";
        bool isReserved = pool is not null && await pool.TryTakeAsync(path);
        IDiskFile file = disk.Open(path, create: true);
        bool created = false;
        try
        {
            if (!isReserved)
            {
                // What an earlier attempt left under this name must not shine through.
                file.Truncate(0);
            }

            if (preallocate)
            {
                file.Preallocate(header.SizeBytes);
            }

            created = true;
            return new LogSegment(header, path, file);
        }
        finally
        {
            if (!created)
            {
                file.Dispose();
            }
        }
    }

    // A full disk here, in the folder too, is a fault like any other: the header may have reached the disk with the
    // first LSN of records that would then go to the segment before.
    private static async ValueTask CommitHeaderAsync(
        IDisk disk, string folder, IDiskFile file, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        try
        {
            await file.WriteAsync(0, [bytes], token);
            // The header before any record: nothing but zeros after a bad header then proves an unfinished creation.
            await file.SyncAsync(token);
            // The name before any record is acknowledged.
            await disk.SyncDirectoryAsync(folder, token);
        }
        catch (DiskFullException full)
        {
            throw new IOException(full.Message, full);
        }
    }
}
