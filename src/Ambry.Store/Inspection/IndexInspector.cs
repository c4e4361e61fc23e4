using System.Buffers;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Inspection;

/// <summary>
/// Reads index files of every version without changing them, damaged ones as far as they go. Memory is that of one
/// file's entries. Stateless.
/// </summary>
public static class IndexInspector
{
    private const string Suffix = ".index";
    private const int MaxFaultsPerFile = 100;

    /// <summary>Names of the index files in a folder, oldest first.</summary>
    public static IReadOnlyList<string> List(IDisk disk, string folder) =>
        [.. disk.ListFiles(folder).Where(name => name.EndsWith(Suffix, StringComparison.Ordinal))];

    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static async ValueTask<InspectedIndexFile> ReadAsync(
        IDisk disk, string folder, string name, CancellationToken token)
    {
        using IDiskFile file = disk.Open($"{folder}/{name}", create: false);
        var reading = new Reading(file, name);
        await reading.RunAsync(token);
        return reading.ToResult();
    }

    /// <summary>One file being read.</summary>
    private sealed class Reading(IDiskFile file, string name)
    {
        private readonly long _fileBytes = file.LengthBytes;
        private readonly List<InspectedIndexFault> _faults = [];
        private readonly List<InspectedEntry> _entries = [];
        private readonly HashSet<long> _lsns = [];
        private IndexFileShape? _shape;
        private IndexFilterCheck? _filter;
        private byte[]? _lastId;
        private long _lastLsn;

        public async ValueTask RunAsync(CancellationToken token)
        {
            byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
            try
            {
                int read = await ReadFullyAsync(0, page.AsMemory(0, IndexPage.Bytes), token);
                _shape = IndexFileShape.TryRead(page.AsSpan(0, read));
                if (_shape is null)
                {
                    Add(0, "the header is damaged or of a newer version");
                    return;
                }

                CheckName();
                _filter = await ReadFilterAsync(_shape, token);
                for (int number = 0; number < _shape.Pages; number++)
                {
                    await ReadPageAsync(number, page.AsMemory(0, IndexPage.Bytes), token);
                }

                CheckWhole();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(page);
            }
        }

        public InspectedIndexFile ToResult()
        {
            _entries.Sort((left, right) => left.Lsn.CompareTo(right.Lsn));
            return new InspectedIndexFile(name, _fileBytes, _shape?.Header, _entries, _faults);
        }

        private void Add(long offset, string message)
        {
            if (_faults.Count < MaxFaultsPerFile)
            {
                _faults.Add(new InspectedIndexFault(offset, message));
            }
        }

        private void CheckName()
        {
            if (_shape!.Name != name)
            {
                Add(0, $"the header is that of {_shape.Name}");
            }

            if (_fileBytes != _shape.FileBytes)
            {
                Add(
                    Math.Min(_fileBytes, _shape.FileBytes),
                    $"the file has {_fileBytes} bytes, its header says {_shape.FileBytes}");
            }
        }

        private async ValueTask<IndexFilterCheck?> ReadFilterAsync(IndexFileShape shape, CancellationToken token)
        {
            byte[] bytes = new byte[shape.SummaryBytes];
            int read = await ReadFullyAsync(shape.SummaryOffset, bytes, token);
            if (read == bytes.Length && IndexFilterCheck.TryRead(shape, bytes) is { } filter)
            {
                return filter;
            }

            Add(shape.SummaryOffset, "the filter fails its checksum");
            return null;
        }

        private async ValueTask ReadPageAsync(int number, Memory<byte> page, CancellationToken token)
        {
            long offset = IndexPage.Bytes * (1L + number);
            int read = await ReadFullyAsync(offset, page, token);
            if (read < IndexPage.Bytes || !IndexPage.IsIntact(page.Span))
            {
                Add(offset, $"page {number + 1} fails its checksum");
                return;
            }

            Decode(number, offset, page.Span);
        }

        private void Decode(int number, long offset, ReadOnlySpan<byte> page)
        {
            int count = Math.Min(
                IndexPage.EntriesPerPage, _shape!.Header.Entries - (number * IndexPage.EntriesPerPage));
            if (_filter is { } filter && !filter.FenceIs(number, page[..BlobId.EncodedLength]))
            {
                Add(_shape.SummaryOffset, $"the first id of page {number + 1} is not that in the summary");
            }

            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> bytes = page.Slice(i * IndexEntry.EncodedLength, IndexEntry.EncodedLength);
                if (IndexEntry.TryRead(bytes, out IndexEntry entry))
                {
                    Take(offset + (i * IndexEntry.EncodedLength), bytes[..BlobId.EncodedLength], entry);
                }
                else
                {
                    Add(offset + (i * IndexEntry.EncodedLength), "an entry is malformed");
                }
            }
        }

        private void Take(long offset, ReadOnlySpan<byte> id, in IndexEntry entry)
        {
            InspectedIndexHeader header = _shape!.Header;
            int order = _lastId is null ? 1 : id.SequenceCompareTo(_lastId);
            if (order < 0 || (order == 0 && entry.Lsn <= _lastLsn))
            {
                Add(offset, $"the entry of record {entry.Lsn} is out of order");
            }

            if (entry.Lsn < header.FirstLsn || entry.Lsn > header.LastLsn
                || entry.Position.Segment != header.Newest.Segment)
            {
                Add(offset, $"the entry of record {entry.Lsn} is not in the file's range");
            }

            if (!_lsns.Add(entry.Lsn))
            {
                Add(offset, $"record {entry.Lsn} has two entries");
            }

            if (_filter is { } filter && !filter.MayContain(entry.Id))
            {
                Add(offset, $"the filter hides the entry of record {entry.Lsn}");
            }

            _lastId = id.ToArray();
            _lastLsn = entry.Lsn;
            _entries.Add(InspectedEntry.From(entry));
        }

        /// <summary>What the header says of all entries; only of a file without other faults.</summary>
        private void CheckWhole()
        {
            if (_faults.Count > 0)
            {
                return;
            }

            InspectedIndexHeader header = _shape!.Header;
            if (CountOf(StoreRecordKind.Put) != header.Puts || CountOf(StoreRecordKind.Delete) != header.Deletes
                || CountOf(StoreRecordKind.TtlUpdate) != header.TtlUpdates
                || CountOf(StoreRecordKind.Undelete) != header.Undeletes)
            {
                Add(0, "the header's counts are not those of the entries");
            }

            if (_entries.Count > 0 && _entries.MaxBy(entry => entry.Lsn)!.Position != header.Newest)
            {
                Add(0, "the header's newest record is not that of the entries");
            }
        }

        private int CountOf(StoreRecordKind kind) => _entries.Count(entry => entry.Kind == kind);

        private async ValueTask<int> ReadFullyAsync(long offset, Memory<byte> target, CancellationToken token)
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
    }
}
