using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Ambry.Log;

/// <summary>
/// Finds the segments that are the log: those the manifest lists and the ordinary ones behind them, or without a
/// manifest all ordinary ones. Whatever else lies in the folder was left by a rewrite or a truncation and is deleted.
/// Used once, by one task; who asks for the segments owns them.
/// </summary>
/// <remarks>
/// A manifest is durable before the first compacted segment is made, and is only ever replaced. So a compacted segment
/// without one is damage, never a left-over.
/// </remarks>
internal sealed class SegmentRecovery(IDisk disk, string folder, bool isNeverTruncated, ILogger logger)
{
    private const int BlockBytes = 1024 * 1024;

    private readonly ManifestFile _manifestFile = new(disk, folder);
    private readonly List<LiveSegment> _listed = [];
    private readonly List<LogSegment> _ordinary = [];
    private Guid? _logId;

    public int Count => _listed.Count + _ordinary.Count;

    /// <summary>Above every number ever given to a target.</summary>
    public uint NextCompacted { get; private set; } = LogSegmentState.FirstCompactedNumber;

    /// <exception cref="CorruptRecordException">A segment is missing or its header is damaged, or the manifest
    /// is.</exception>
    public async ValueTask<LogManifest?> RunAsync(CancellationToken token)
    {
        List<uint> numbers = SegmentNumbers(disk, folder);
        LogManifest? manifest = await _manifestFile.ReadAsync(token);
        int ordinary = numbers.FindIndex(number => number >= LogSegmentState.FirstCompactedNumber);
        ordinary = ordinary < 0 ? numbers.Count : ordinary;
        if (manifest is null)
        {
            if (ordinary < numbers.Count)
            {
                throw new CorruptRecordException(
                    $"{folder} holds compacted segment {numbers[ordinary]}, but its manifest is missing.");
            }

            if (isNeverTruncated && numbers is [> 0, ..])
            {
                throw new CorruptRecordException($"Segment {PathOf(0)} is missing, and nothing has replaced it.");
            }

            await OpenOrdinaryAsync(numbers, token);
        }
        else
        {
            await OpenListedAsync(manifest, token);
            int from = numbers.FindIndex(number => number >= manifest.OrdinaryFrom);
            await OpenOrdinaryAsync(from < 0 ? [] : numbers[from..Math.Max(from, ordinary)], token);
            CheckOrdinary(manifest);
            NextCompacted = numbers.Count == ordinary
                ? manifest.NextCompacted
                : Math.Max(manifest.NextCompacted, numbers[^1] + 1);
        }

        await DeleteLeftOversAsync(numbers, token);
        return manifest;
    }

    public void Add(LogSegment segment) => _ordinary.Add(segment);

    /// <summary>Oldest first, the last one is the tail.</summary>
    public LiveSegment[] Live() =>
    [
        .. _listed,
        .. _ordinary[..^1].Select((segment, i) =>
            new LiveSegment(segment, segment.FirstLsn, _ordinary[i + 1].FirstLsn - 1)),
        LiveSegment.Tail(_ordinary[^1]),
    ];

    public void ReleaseAll()
    {
        _listed.ForEach(live => live.Segment.Release());
        _ordinary.ForEach(segment => segment.Release());
    }

    /// <summary>Numbers of all segment files of a folder, ascending.</summary>
    public static List<uint> SegmentNumbers(IDisk disk, string folder)
    {
        List<uint> numbers = [];
        foreach (string name in disk.ListFiles(folder))
        {
            string stem = Path.GetFileNameWithoutExtension(name);
            if (uint.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                && name == LogSegment.FileName(number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }

    public static async ValueTask<int> ReadFullyAsync(
        IDiskFile file, long offset, Memory<byte> target, CancellationToken token)
    {
        int count = 0;
        while (count < target.Length)
        {
            int read = await file.ReadAsync(offset + count, target[count..], token);
            if (read == 0)
            {
                break;
            }

            count += read;
        }

        return count;
    }

    private async ValueTask OpenListedAsync(LogManifest manifest, CancellationToken token)
    {
        _logId = manifest.LogId;
        foreach (ManifestEntry entry in manifest.Entries)
        {
            string path = PathOf(entry.Number);
            if (!disk.FileExists(path))
            {
                throw new CorruptRecordException($"Segment {path} is in the manifest and missing.");
            }

            IDiskFile file = disk.Open(path, create: false);
            LogSegment segment = await TryOpenAsync(file, path, entry.Number, token)
                ?? throw new CorruptRecordException($"Segment {path}, offset 0: the header is damaged.");
            _listed.Add(new LiveSegment(segment, entry.FirstLsn, entry.LastLsn, entry.EndOffset, entry.Records));
            if (segment.FirstLsn > entry.FirstLsn
                || segment.SizeBytes < entry.EndOffset
                || file.LengthBytes < entry.EndOffset)
            {
                throw segment.Corrupt(entry.EndOffset, "the segment is not the one in the manifest");
            }
        }
    }

    private async ValueTask OpenOrdinaryAsync(List<uint> numbers, CancellationToken token)
    {
        for (int i = 0; i < numbers.Count; i++)
        {
            string path = PathOf(numbers[i]);
            if (i > 0 && numbers[i] != numbers[i - 1] + 1)
            {
                throw new CorruptRecordException($"Segment {numbers[i - 1] + 1} is missing before {path}.");
            }

            IDiskFile file = disk.Open(path, create: false);
            if (await TryOpenAsync(file, path, numbers[i], token) is not { } segment)
            {
                await RemoveUnfinishedAsync(path, isNewest: i == numbers.Count - 1, numbers[i], token);
                continue;
            }

            _ordinary.Add(segment);
            if (_ordinary.Count > 1 && segment.FirstLsn < _ordinary[^2].FirstLsn)
            {
                throw segment.Corrupt(0, "the header belongs elsewhere");
            }
        }
    }

    /// <summary>
    /// The first segment that is not listed was there, header and all, when the manifest was written; so was what is
    /// listed, and its records came before.
    /// </summary>
    private void CheckOrdinary(LogManifest manifest)
    {
        if (_ordinary.Count == 0 || _ordinary[0].Number != manifest.OrdinaryFrom)
        {
            throw new CorruptRecordException($"Segment {PathOf(manifest.OrdinaryFrom)} is missing.");
        }

        if (_listed.Count > 0 && _ordinary[0].FirstLsn <= _listed[^1].LastLsn)
        {
            throw _ordinary[0].Corrupt(0, "the header belongs elsewhere");
        }
    }

    /// <summary>Null, and the file is closed, when its header is not intact.</summary>
    private async ValueTask<LogSegment?> TryOpenAsync(
        IDiskFile file, string path, uint number, CancellationToken token)
    {
        var bytes = new byte[SegmentHeader.Bytes];
        bool held = false;
        try
        {
            int read = await ReadFullyAsync(file, 0, bytes, token);
            if (!SegmentHeader.TryRead(bytes.AsSpan(0, read), out SegmentHeader header))
            {
                return null;
            }

            if (header.Number != number || (_logId is { } known && header.LogId != known))
            {
                throw new CorruptRecordException($"Segment {path}, offset 0: the header belongs elsewhere.");
            }

            _logId = header.LogId;
            held = true;
            return new LogSegment(header, path, file);
        }
        finally
        {
            if (!held)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>
    /// A header is durable before the first record is written. So a bad one is a creation cut short if nothing follows
    /// it in the newest segment, and an older one is there; in any other case it is damage.
    /// </summary>
    private async ValueTask RemoveUnfinishedAsync(
        string path, bool isNewest, uint number, CancellationToken token)
    {
        using (IDiskFile file = disk.Open(path, create: false))
        {
            bool follows = _ordinary.Count > 0 || (number == 0 && _logId is null);
            if (!isNewest || !follows || await HoldsDataAsync(file, token))
            {
                throw new CorruptRecordException($"Segment {path}, offset 0: the header is damaged.");
            }
        }

        logger.UnfinishedSegment(path);
        disk.Delete(path);
        await disk.SyncDirectoryAsync(folder, token);
    }

    private static async ValueTask<bool> HoldsDataAsync(IDiskFile file, CancellationToken token)
    {
        using var reader = new SegmentReader(file, BlockBytes);
        for (long offset = SegmentHeader.Bytes; ;)
        {
            ReadOnlyMemory<byte> block = await reader.ReadAsync(offset, BlockBytes, token);
            if (block.IsEmpty)
            {
                return false;
            }

            if (block.Span.ContainsAnyExcept((byte)0))
            {
                return true;
            }

            offset += block.Length;
        }
    }

    /// <summary>Only when all of the log is known to be there: a damaged one is left as it is.</summary>
    private async ValueTask DeleteLeftOversAsync(List<uint> numbers, CancellationToken token)
    {
        HashSet<uint> live = [.. _listed.Select(one => one.Number), .. _ordinary.Select(segment => segment.Number)];
        List<string> names = [.. numbers.Where(number => !live.Contains(number)).Select(LogSegment.FileName)];
        names.Add(LogManifest.FileName + DiskExtensions.TemporarySuffix);
        names.Add(EraseRedo.FileName + DiskExtensions.TemporarySuffix);
        List<string> paths = [.. names.Select(name => $"{folder}/{name}").Where(disk.FileExists)];
        if (paths.Count == 0)
        {
            return;
        }

        // The manifest that was read may have its name in the cache alone, from a process that was killed: its sources
        // go only when no power cut can bring the manifest before it back.
        await disk.SyncDirectoryAsync(folder, token);
        foreach (string path in paths)
        {
            logger.LeftOver(path);
            disk.Delete(path);
        }

        await disk.SyncDirectoryAsync(folder, token);
    }

    private string PathOf(uint number) => $"{folder}/{LogSegment.FileName(number)}";
}
