using System.Buffers;
using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// An immutable index segment on disk. In memory are its filter and the first id of each page, five bytes an entry, so
/// that a look-up reads one page. Those two and the header are verified when the file is opened, each page whenever it
/// is read. Counted by its readers: a retired file stays open until the last of them lets go. Thread safe.
/// </summary>
internal sealed partial class IndexFile : IDisposable
{
    private readonly IDiskFile _file;
    private readonly IndexFileHeader _header;

    // The filter's blocks, from _start on, then the fences.
    private readonly byte[] _summary;
    private readonly int _start;
    private int _holders = 1;
    private int _retired;

    private IndexFile(IDiskFile file, in IndexFileHeader header, byte[] summary, int start)
    {
        _file = file;
        _header = header;
        _summary = summary;
        _start = start;
        Filter = new BloomFilter(summary, start, header.FilterBlocks);
    }

    public IndexRange Range => _header.Range;

    public long FirstLsn => _header.Range.FirstLsn;

    public long LastLsn => _header.Range.LastLsn;

    public IndexFileName Name => new(_header.Range.FirstLsn, _header.Range.LogSegment);

    public int Count => _header.Entries;

    public IndexCounts Counts => _header.Counts;

    public long FileBytes => _header.FileBytes;

    /// <summary>Bytes kept in memory for its filter and fences.</summary>
    public int SummaryBytes => _header.SummaryBytes;

    /// <summary>The newest record of the file, which was on the disk before it; LSN 0 when there is none.</summary>
    public LogRecoveryHint Newest => _header.Newest;

    public BloomFilter Filter { get; }

    private ReadOnlySpan<byte> Fences => _summary.AsSpan(_start + _header.FilterBytes, _header.FenceBytes);

    /// <summary>Opens a file that was just written; what it keeps in memory comes from the image.</summary>
    public static IndexFile Of(IDiskFile file, IndexFileImage image)
    {
        (byte[] summary, int start) = BloomFilter.Allocate(image.Header.SummaryBytes);
        image.Summary.Span.CopyTo(summary.AsSpan(start));
        return new IndexFile(file, image.Header, summary, start);
    }

    /// <summary>
    /// Opens a file: reads and verifies header, filter and fences. Null when it is none, or not whole, or those are
    /// damaged.
    /// </summary>
    public static async ValueTask<IndexFile?> TryOpenAsync(IDisk disk, string path, CancellationToken token)
    {
        IDiskFile file = disk.Open(path, create: false);
        IndexFile? opened = null;
        try
        {
            opened = await TryLoadAsync(file, token);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>False when the file is retired and nobody reads it any more: another one has taken its place.</summary>
    public bool TryAcquire()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _file.Dispose();
        }
    }

    /// <summary>Its owner lets go: closes the file when no reader is left.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _retired, 1) == 0)
        {
            Release();
        }
    }

    private static async ValueTask<IndexFile?> TryLoadAsync(IDiskFile file, CancellationToken token)
    {
        if (await TryReadHeaderAsync(file, token) is not { } header || file.LengthBytes < header.FileBytes)
        {
            return null;
        }

        (byte[] summary, int start) = BloomFilter.Allocate(header.SummaryBytes);
        return await TryReadSummaryAsync(file, header, summary.AsMemory(start, header.SummaryBytes), token)
            ? new IndexFile(file, header, summary, start)
            : null;
    }

    private static async ValueTask<IndexFileHeader?> TryReadHeaderAsync(IDiskFile file, CancellationToken token)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
        try
        {
            return await TryReadAsync(file, 0, page.AsMemory(0, IndexPage.Bytes), token) == IndexPage.Bytes
                && IndexFileHeader.TryRead(page, out IndexFileHeader header) ? header : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    private static async ValueTask<bool> TryReadSummaryAsync(
        IDiskFile file, IndexFileHeader header, Memory<byte> summary, CancellationToken token)
    {
        if (await TryReadAsync(file, header.SummaryOffset, summary, token) != summary.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> covered = summary.Span[..^sizeof(uint)];
        return BinaryPrimitives.ReadUInt32LittleEndian(summary.Span[covered.Length..]) == Crc32C.Compute(covered);
    }

    /// <summary>
    /// What the device cannot read counts as missing: the file is made anew elsewhere. A device that reads nothing any
    /// more fails the log, from which that is done.
    /// </summary>
    private static async ValueTask<int> TryReadAsync(
        IDiskFile file, long offset, Memory<byte> destination, CancellationToken token)
    {
        try
        {
            return await file.ReadAsync(offset, destination, token);
        }
        catch (DiskException bad) when (bad.Fault == DiskFault.Device)
        {
            return 0;
        }
    }
}
