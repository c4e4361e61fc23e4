using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// One open file. Reads and writes are positional and may run at once; the caller keeps writes to one range apart.
/// A fault of the device is an <see cref="IOException"/>; after a failed sync nothing of the file may be trusted as
/// durable.
/// </summary>
public interface IDiskFile : IDisposable
{
    /// <summary>
    /// Bytes from start to the last one ever written; not to be relied on for finding the end of data.
    /// </summary>
    long LengthBytes { get; }

    /// <summary>
    /// The system's file, for calls that copy from it without passing through memory; null when there is none. It
    /// belongs to this object.
    /// </summary>
    SafeFileHandle? Handle => null;

    /// <summary>
    /// Fills as much of <paramref name="destination"/> as the file has; returns the bytes read, 0 at the end.
    /// </summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token);

    /// <summary>
    /// Writes all parts back to back at <paramref name="offset"/>. Durable after <see cref="SyncAsync"/>.
    /// </summary>
    ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token);

    /// <summary>fdatasync: makes all completed writes durable, and the length needed to read them.</summary>
    ValueTask SyncAsync(CancellationToken token);

    /// <summary><see cref="WriteAsync"/>, then <see cref="SyncAsync"/>, in one trip to the disk.</summary>
    async ValueTask WriteAndSyncAsync(
        long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
    {
        await WriteAsync(offset, parts, token);
        await SyncAsync(token);
    }

    /// <summary>
    /// Reserves space without changing the length, where the file system can; otherwise does nothing.
    /// </summary>
    void Preallocate(long bytes);

    /// <summary>Cuts the file to a length.</summary>
    void Truncate(long bytes);
}
