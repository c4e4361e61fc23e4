#pragma warning disable RS0030 // The real disk: these run on its threads and touch its files.
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// A read into the thread's memory, piece by piece, and from there into the caller's: a read that the device answers
/// long after its limit must not write into memory that is in use for something else by then.
/// </summary>
internal sealed class DiskRead(
    SafeFileHandle handle, string path, long offset, Memory<byte> destination, int countBefore) : DiskCall
{
    /// <summary>Stays in a core's cache on its way; the kernel reads ahead of it.</summary>
    public const int PieceBytes = 256 * 1024;

    protected override int Make(byte[] piece)
    {
        try
        {
            int count = 0;
            while (count < destination.Length)
            {
                int wanted = Math.Min(piece.Length, destination.Length - count);
                int read = RandomAccess.Read(handle, piece.AsSpan(0, wanted), offset + count);
                if (read == 0 || !TryTouch())
                {
                    break;
                }

                piece.AsSpan(0, read).CopyTo(destination.Span[count..]);
                EndTouch();
                count += read;
            }

            return countBefore + count;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, path);
        }
    }
}

/// <summary>
/// A write out of the caller's memory. One that exceeds its limit may still store whatever that memory holds later:
/// see <see cref="IDisk.HungCalls"/>.
/// </summary>
internal sealed class DiskWrite(
    SafeFileHandle handle, string path, long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts) : DiskCall
{
    // A longer write asks the page cache for folios of megabytes, whose memory the kernel may have to make room for
    // first: measured on Linux 6.18, batches of 4 and 8 MiB came to a fifth of the rate they have now.
    private const int PieceBytes = 256 * 1024;

    public static void Write(
        SafeFileHandle handle, string path, long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            if (parts.Sum(part => (long)part.Length) <= PieceBytes)
            {
                RandomAccess.Write(handle, parts, offset);
            }
            else
            {
                WritePieces(handle, offset, parts);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, path);
        }
    }

    /// <summary>Writes in pieces that end where the file's offset is a multiple of their size.</summary>
    private static void WritePieces(SafeFileHandle handle, long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        List<ReadOnlyMemory<byte>> piece = new(parts.Count);
        int room = (int)(PieceBytes - (offset % PieceBytes));
        int count = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            for (ReadOnlyMemory<byte> rest = part; !rest.IsEmpty;)
            {
                int length = Math.Min(room - count, rest.Length);
                piece.Add(rest[..length]);
                count += length;
                rest = rest[length..];
                if (count == room)
                {
                    RandomAccess.Write(handle, piece, offset);
                    offset += count;
                    (room, count) = (PieceBytes, 0);
                    piece.Clear();
                }
            }
        }

        RandomAccess.Write(handle, piece, offset);
    }

    protected override int Make(byte[] piece)
    {
        Write(handle, path, offset, parts);
        return 0;
    }
}

/// <summary>fdatasync of a file.</summary>
internal sealed class DiskSync(SafeFileHandle handle, string path) : DiskCall
{
    public static void Sync(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsLinux())
        {
            DiskErrors.ThrowIf(LibC.SyncData(handle), "sync", path);
        }
        else
        {
            RandomAccess.FlushToDisk(handle);
        }
    }

    protected override int Make(byte[] piece)
    {
        Sync(handle, path);
        return 0;
    }
}

/// <summary>A write and the fdatasync after it.</summary>
internal sealed class DiskWriteAndSync(
    SafeFileHandle handle, string path, long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts) : DiskCall
{
    protected override int Make(byte[] piece)
    {
        DiskWrite.Write(handle, path, offset, parts);
        DiskSync.Sync(handle, path);
        return 0;
    }
}

/// <summary>Anything else.</summary>
internal sealed class DiskAction(Action action) : DiskCall
{
    protected override int Make(byte[] piece)
    {
        action();
        return 0;
    }
}
