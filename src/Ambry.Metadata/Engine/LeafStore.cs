using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using LiteDB;
using LiteDB.Engine;

namespace Ambry.Metadata.Engine;

/// <summary>
/// The LiteDB file of one shard: leaves, directory pages and the root, each a document <c>{_id: int, p: bytes}</c>. Every call, including
/// opening, comes from the engine's thread: LiteDB's page cache is unsafe even for two readers, and its locks belong to threads.
/// LiteDB's own durability is not used: what it writes is staged in the <see cref="PageFile"/>.
/// </summary>
internal sealed class LeafStore : IDisposable
{
    private const string Leaves = "leaf";
    private const string Directory = "directory";
    private const string Root = "root";
    private const string Payload = "p";
    private const int RootId = 1;
    private const int RootBytes = 16;

    private readonly ScratchStream _scratch = new();
    private readonly LiteEngine _lite;

    private LeafStore(PageFile pages)
    {
        _lite = new LiteEngine(new EngineSettings
        {
            DataStream = new PageStream(pages),
            LogStream = _scratch,
            // Never culture or case: a directory of S3's keys is bytes, but LiteDB's own names follow the same setting.
            Collation = Collation.Binary,
        });
        _lite.Pragma(Pragmas.CHECKPOINT, 0);
    }

    /// <summary>The index of the log entry the documents are the state at.</summary>
    public long FoldedIndex { get; private set; }

    public int NextLeafId { get; private set; } = 1;

    public int NextDirectoryId { get; private set; } = 1;

    /// <summary>Leaves fetched from LiteDB since opening; tests bound the cost of a listing by it.</summary>
    public long LeavesRead { get; private set; }

    /// <summary>Opens the state in the page file, or makes an empty one.</summary>
    public static LeafStore Open(PageFile pages, out LeafDirectory directory)
    {
        var isNew = pages.LengthBytes == 0;
        var store = new LeafStore(pages);
        try
        {
            directory = isNew ? store.Create() : store.Load();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public int TakeLeafId() => NextLeafId++;

    public int TakeDirectoryId() => NextDirectoryId++;

    /// <exception cref="CorruptRecordException">Missing or damaged.</exception>
    public PackedRun LoadLeaf(int id)
    {
        LeavesRead++;
        return PackedRun.Decode(Read(Leaves, id), RunKind.Leaf, id);
    }

    public void Begin() => Invariant.Check(_lite.BeginTrans());

    public void Commit() => Invariant.Check(_lite.Commit());

    public void WriteLeaf(int id, byte[] run) => Write(Leaves, id, run);

    public void DeleteLeaf(int id) => _lite.Delete(Leaves, [new BsonValue(id)]);

    public void DeleteDirectoryPage(int id) => _lite.Delete(Directory, [new BsonValue(id)]);

    public void WriteDirectoryPage(DirectoryPage page)
    {
        var items = new ShardItem[page.Leaves.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var id = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(id, page.Leaves[i].Id);
            items[i] = new ShardItem(page.Leaves[i].LowerBound, id);
        }

        Write(Directory, page.Id, PackedRunWriter.Encode(RunKind.Directory, page.Id, items));
    }

    /// <summary>Says which log entry the documents are the state at; the last write of a generation.</summary>
    public void WriteRoot(long foldedIndex)
    {
        var value = new byte[RootBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, foldedIndex);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), NextLeafId);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(12), NextDirectoryId);
        Write(Root, RootId, PackedRunWriter.Encode(RunKind.Root, RootId, [new ShardItem(default, value)]));
        FoldedIndex = foldedIndex;
    }

    /// <summary>Moves LiteDB's log into the staged pages when it has grown to a size, which bounds the stall of doing it.</summary>
    public void CheckpointAbove(long logBytes)
    {
        if (_scratch.Length > logBytes)
        {
            Checkpoint();
        }
    }

    /// <summary>All committed transactions are in the staged pages afterwards; LiteDB waits for its own log writer first.</summary>
    public void Checkpoint() => _lite.Checkpoint();

    public void Dispose() => _lite.Dispose();

    private LeafDirectory Create()
    {
        var leaf = new LeafRef(TakeLeafId(), default);
        var page = new DirectoryPage(TakeDirectoryId(), [leaf]);
        Begin();
        WriteLeaf(leaf.Id, PackedRunWriter.Encode(RunKind.Leaf, leaf.Id, []));
        WriteDirectoryPage(page);
        WriteRoot(0);
        Commit();
        return new LeafDirectory([page]);
    }

    private LeafDirectory Load()
    {
        var root = PackedRun.Decode(Read(Root, RootId), RunKind.Root, RootId);
        var value = root.Count == 1 ? root.ValueAt(0).Span : default;
        Require(value.Length == RootBytes, "The root document has another layout.");
        FoldedIndex = BinaryPrimitives.ReadInt64LittleEndian(value);
        NextLeafId = BinaryPrimitives.ReadInt32LittleEndian(value[8..]);
        NextDirectoryId = BinaryPrimitives.ReadInt32LittleEndian(value[12..]);

        var pages = new List<DirectoryPage>();
        using (var reader = _lite.Query(Directory, new Query()))
        {
            while (reader.Read())
            {
                pages.Add(DecodeDirectoryPage(reader.Current.AsDocument));
            }
        }

        pages.Sort((left, right) => ByteOrder.Compare(left.LowerBound, right.LowerBound));
        RequireWhole(pages);
        return new LeafDirectory([.. pages]);
    }

    private static DirectoryPage DecodeDirectoryPage(BsonDocument document)
    {
        var id = document["_id"].AsInt32;
        var run = PackedRun.Decode(document[Payload].AsBinary, RunKind.Directory, id);
        var leaves = new LeafRef[run.Count];
        for (var i = 0; i < leaves.Length; i++)
        {
            var item = run[i];
            Require(item.Value.Length == sizeof(int), "A directory document has another layout.");
            leaves[i] = new LeafRef(BinaryPrimitives.ReadInt32LittleEndian(item.Value.Span), item.Key);
        }

        Require(leaves.Length > 0, "A directory document is empty.");
        return new DirectoryPage(id, leaves);
    }

    /// <summary>What a lost or stale directory document would break: the first bound, the order, and each leaf named once.</summary>
    private static void RequireWhole(List<DirectoryPage> pages)
    {
        Require(pages.Count > 0 && pages[0].LowerBound.IsEmpty, "The directory does not begin.");
        var ids = new HashSet<int>();
        LeafRef? previous = null;
        foreach (var leaf in pages.SelectMany(page => page.Leaves))
        {
            Require(ids.Add(leaf.Id), "The directory names a leaf twice.");
            Require(
                previous is null || ByteOrder.Compare(previous.LowerBound, leaf.LowerBound) < 0,
                "The directory is out of order.");
            previous = leaf;
        }
    }

    private byte[] Read(string collection, int id)
    {
        using var reader = _lite.Query(collection, new Query { Where = { Query.EQ("_id", id) } });
        Require(reader.Read(), $"Document {id} of {collection} is missing.");
        var payload = reader.Current.AsDocument[Payload];
        Require(payload.IsBinary, $"Document {id} of {collection} has another layout.");
        return payload.AsBinary;
    }

    private void Write(string collection, int id, byte[] payload) =>
        _lite.Upsert(collection, [new BsonDocument { ["_id"] = id, [Payload] = payload }], BsonAutoId.Int32);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new CorruptRecordException(message);
        }
    }
}
