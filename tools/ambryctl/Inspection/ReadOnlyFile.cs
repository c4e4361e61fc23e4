using Ambry.Log;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Control;

/// <summary>A file that can be read. Thread safe.</summary>
internal sealed class ReadOnlyFile(SafeFileHandle file) : IDiskFile
{
    public long LengthBytes => RandomAccess.GetLength(file);

    // Whoever runs a command waits for it anyway.
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return ValueTask.FromResult(RandomAccess.Read(file, destination.Span, offset));
    }

    public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token) =>
        throw ReadOnlyDisk.Refuse();

    public ValueTask SyncAsync(CancellationToken token) => throw ReadOnlyDisk.Refuse();

    public void Preallocate(long bytes) => throw ReadOnlyDisk.Refuse();

    public void Truncate(long bytes) => throw ReadOnlyDisk.Refuse();

    public void Dispose() => file.Dispose();
}
