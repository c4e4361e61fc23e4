using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store.Inspection;

/// <summary>
/// The records of a log segment with what they mean. Reads only; memory is that of the largest record. Stateless.
/// </summary>
public static class RecordInspector
{
    // docs/formats.md, "Log record": part 0 follows the header.
    internal const int HeaderBytes = 64;

    // docs/formats.md, "Mapping: node log entry".
    private const byte BatchKind = 1;
    private const int BatchHeadBytes = 4;

    /// <summary>More than any head of a store's record has.</summary>
    private const int MaxHeadBytes = 256;

    /// <param name="verify">Reads every part and checks it; else only headers and part 0 are read.</param>
    public static async IAsyncEnumerable<InspectedStoreRecord> ReadAsync(
        IDisk disk, InspectedSegment segment, bool verify, [EnumeratorCancellation] CancellationToken token)
    {
        using IDiskFile file = disk.Open(segment.Path, create: false);
        byte[] head = new byte[MaxHeadBytes];
        await foreach (InspectedRecord record in LogInspector.ReadRecordsAsync(disk, segment, verify, token))
        {
            int length = HasHead(record) ? record.Header.Lengths.Part0 : 0;
            if (length > 0)
            {
                length = await file.ReadAsync(record.Position.Offset + HeaderBytes, head.AsMemory(0, length), token);
            }

            yield return Decode(record, head.AsSpan(0, length));
        }
    }

    private static bool HasHead(InspectedRecord record) =>
        record.State is InspectedRecordState.Intact or InspectedRecordState.DamagedPart
        && record.Header.Lengths.Part0 is > 0 and <= MaxHeadBytes;

    private static InspectedStoreRecord Decode(InspectedRecord record, ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty || Protocol.Crc32C.Compute(head) != record.Header.Checksums.Part0)
        {
            return new InspectedStoreRecord(record, null, IsErased: false, null);
        }

        if (head.Length == BatchHeadBytes && record.Header.Kind == BatchKind)
        {
            return new InspectedStoreRecord(
                record, null, IsErased: false, BinaryPrimitives.ReadUInt16LittleEndian(head[2..]));
        }

        bool isErased = record.Header.Kind == RecordKinds.ErasedPut;
        return ToEntry(record, head) is { } entry
            ? new InspectedStoreRecord(record, InspectedEntry.From(entry), isErased, null)
            : new InspectedStoreRecord(record, null, isErased, null);
    }

    private static IndexEntry? ToEntry(InspectedRecord record, ReadOnlySpan<byte> head)
    {
        var kind = (StoreRecordKind)record.Header.Kind;
        switch (kind)
        {
            case StoreRecordKind.Put or (StoreRecordKind)RecordKinds.ErasedPut
                when PutHead.TryRead(head, out PutHead put) && put.SizeBytes == record.Header.Lengths.Part3:
                return IndexEntry.ForPut(put, record.Header, record.Position);
            case StoreRecordKind.Delete when DeleteHead.TryRead(head, out DeleteHead delete):
                return IndexEntry.ForDelete(delete, record.Header, record.Position);
            case StoreRecordKind.TtlUpdate or StoreRecordKind.Undelete
                when UpdateHead.TryRead(head, out UpdateHead update):
                return IndexEntry.ForUpdate(kind, update, record.Header, record.Position);
            default:
                return null;
        }
    }
}
