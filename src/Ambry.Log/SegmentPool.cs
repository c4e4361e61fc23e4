using System.Globalization;

namespace Ambry.Log;

/// <summary>
/// Empty files in <c>reserve/</c> whose space is taken already: with the live segments they make up <see
/// cref="AppendLogOptions.ReserveBytes"/>. A new segment is one of them under another name; a segment that leaves the
/// log becomes one again. Thread safe: names are guarded by <c>_gate</c>, each file has one user.
/// </summary>
/// <remarks>
/// After a power cut one file may have a name here and one in the log. That does no harm: a file here is empty or not
/// used, and a segment has its header only when its name here is gone for good.
/// </remarks>
internal sealed class SegmentPool(IDisk disk, string logFolder, AppendLogOptions options)
{
    public const string FolderName = "reserve";

    private readonly string _folder = $"{logFolder}/{FolderName}";
    private readonly Lock _gate = new();
    private readonly Queue<string> _free = [];
    private uint _next;

    /// <summary>Segments the reserve is for, the live ones among them.</summary>
    public long Slots => options.ReserveBytes / options.SegmentBytes;

    /// <summary>Takes the space that is missing; gives back what is too much, all of it without a reserve.</summary>
    /// <exception cref="DiskFullException">The disk has not got it.</exception>
    public async ValueTask FillAsync(IReadOnlyList<LiveSegment> live)
    {
        if (Slots == 0 && disk.ListFiles(_folder).Count == 0)
        {
            return;
        }

        await disk.CallAsync(on => Fill(on, live));
        await disk.SyncDirectoryAsync(logFolder, CancellationToken.None);
        await disk.SyncDirectoryAsync(_folder, CancellationToken.None);
    }

    /// <summary>
    /// Moves a file to a place in the log, durably; false when there is none. The file is empty and has its space.
    /// </summary>
    public async ValueTask<bool> TryTakeAsync(string path)
    {
        string? free;
        lock (_gate)
        {
            if (!_free.TryDequeue(out free))
            {
                return false;
            }
        }

        using (IDiskFile file = disk.Open(free, create: false))
        {
            // It was emptied, but until a sync a power cut may bring the bytes of the segment back that it was.
            await file.SyncAsync(CancellationToken.None);
        }

        disk.Rename(free, path);
        // Before the segment gets its header: see above.
        await disk.SyncDirectoryAsync(logFolder, CancellationToken.None);
        await disk.SyncDirectoryAsync(_folder, CancellationToken.None);
        return true;
    }

    /// <summary>
    /// Takes the file of a segment that has left the log; false when the reserve is complete without it. For a moment
    /// its space is free to others.
    /// </summary>
    public bool TryReturn(IDisk on, string path, int liveSegments)
    {
        string name;
        lock (_gate)
        {
            if (_free.Count + liveSegments >= Slots)
            {
                return false;
            }

            name = NextName();
        }

        on.Rename(path, name);
        bool done = false;
        try
        {
            Empty(on, name);
            done = true;
        }
        finally
        {
            if (!done)
            {
                on.Delete(name);
            }
        }

        lock (_gate)
        {
            _free.Enqueue(name);
        }

        return true;
    }

    private void Fill(IDisk on, IReadOnlyList<LiveSegment> live)
    {
        on.CreateDirectory(_folder);
        long wanted = Math.Max(0, Slots - live.Count);
        foreach (string name in on.ListFiles(_folder))
        {
            uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number);
            _next = Math.Max(_next, number + 1);
            if (_free.Count >= wanted || !IsEmpty(on, $"{_folder}/{name}"))
            {
                on.Delete($"{_folder}/{name}");
            }
            else
            {
                _free.Enqueue($"{_folder}/{name}");
            }
        }

        if (Slots > 0)
        {
            Reserve(on, live, wanted);
        }
    }

    private void Reserve(IDisk on, IReadOnlyList<LiveSegment> live, long wanted)
    {
        try
        {
            // A compacted segment may have given space back when there was no reserve.
            foreach (LiveSegment one in live)
            {
                one.Segment.File.Preallocate(one.Segment.SizeBytes);
            }

            foreach (string name in _free)
            {
                Empty(on, name);
            }

            while (_free.Count < wanted)
            {
                string name = NextName();
                Empty(on, name);
                _free.Enqueue(name);
            }
        }
        catch (DiskFullException full)
        {
            throw new DiskFullException(
                $"{disk.Name} has no room for the {options.ReserveBytes} bytes that {logFolder} is to reserve: "
                + full.Message,
                full);
        }
    }

    private string NextName() => $"{_folder}/{(_next++).ToString(CultureInfo.InvariantCulture)}";

    private void Empty(IDisk on, string path)
    {
        using IDiskFile file = on.Open(path, create: true);
        if (file.LengthBytes > 0)
        {
            file.Truncate(0);
        }

        file.Preallocate(options.SegmentBytes);
    }

    private static bool IsEmpty(IDisk on, string path)
    {
        using IDiskFile file = on.Open(path, create: false);
        return file.LengthBytes == 0;
    }
}
