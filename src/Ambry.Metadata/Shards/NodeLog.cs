using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Ambry.Log;

namespace Ambry.Metadata.Shards;

/// <summary>One entry of the node log.</summary>
internal readonly record struct NodeLogEntry(int Shard, long Index, ReadOnlyMemory<byte> Batch);

/// <summary>
/// The log that all shards of a node share, so that one sync serves them all. An entry's index is its LSN. A segment is
/// given back when no shard needs it. Thread safe; layout: docs/formats.md, "Mapping: node log entry".
/// </summary>
internal sealed class NodeLog(IAppendLog log, int shardCount)
{
    public const int HeaderBytes = 4;

    private const byte BatchKind = 1;
    private const byte Version = 1;

    private readonly Lock _gate = new();
    private readonly long[] _neededFrom = new long[shardCount];

    public long DurableIndex => log.DurableLsn;

    public long FirstIndex => log.FirstLsn;

    /// <summary>Everything appended so far is durable afterwards, in every mode.</summary>
    /// <exception cref="IOException">The log has failed.</exception>
    public ValueTask SyncAsync(CancellationToken token) => log.SyncAsync(token);

    public IShardLog ForShard(int shard) => new ShardLog(this, shard);

    public async IAsyncEnumerable<NodeLogEntry> ReadFromAsync(
        long index, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var record in log.ReadFromAsync(Math.Max(index, log.FirstLsn), token))
        {
            yield return new NodeLogEntry(ReadHeader(record), record.Header.Lsn, record.Part1);
        }
    }

    private static byte[] WriteHeader(int shard)
    {
        byte[] header = new byte[HeaderBytes];
        header[0] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)shard);
        return header;
    }

    private int ReadHeader(LogRecord record)
    {
        var header = record.Part0.Span;
        bool isKnown = record.Header.Kind == BatchKind
            && header.Length == HeaderBytes
            && header[0] == Version
            && header[1] == 0;
        int shard = isKnown ? BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) : shardCount;
        return shard < shardCount
            ? shard
            : throw new CorruptRecordException(
                $"Record {record.Header.Lsn} of the node log is not a batch of one of its shards.");
    }

    private async ValueTask<long> AppendAsync(byte[] header, ReadOnlyMemory<byte> batch, CancellationToken token)
    {
        var appended = await log.AppendAsync(new LogAppend(BatchKind, header, batch), token);
        return appended.Lsn;
    }

    private ValueTask TruncateAsync(int shard, long index, CancellationToken token)
    {
        long needed;
        lock (_gate)
        {
            _neededFrom[shard] = Math.Max(_neededFrom[shard], index);
            needed = _neededFrom.Min();
        }

        return needed > log.FirstLsn ? log.TruncateBelowAsync(needed, token) : ValueTask.CompletedTask;
    }

    /// <summary>One shard's view. There is one member: it always leads, and what is appended is applied before it is
    /// answered.</summary>
    private sealed class ShardLog(NodeLog node, int shard) : IShardLog
    {
        private readonly byte[] _header = WriteHeader(shard);

        public bool HasLease => true;

        public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> batch, CancellationToken token) =>
            node.AppendAsync(_header, batch, token);

        public async IAsyncEnumerable<ShardLogEntry> ReadFromAsync(
            long index, [EnumeratorCancellation] CancellationToken token)
        {
            await foreach (var entry in node.ReadFromAsync(index, token))
            {
                if (entry.Shard == shard)
                {
                    yield return new ShardLogEntry(entry.Index, entry.Batch);
                }
            }
        }

        public ValueTask TruncateBelowAsync(long index, CancellationToken token) =>
            node.TruncateAsync(shard, index, token);

        public ValueTask<long?> ReadBarrierAsync(CancellationToken token) => ValueTask.FromResult<long?>(0);
    }
}
