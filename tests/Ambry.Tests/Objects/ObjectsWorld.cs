using System.Globalization;
using System.Text;
using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Testing.Metadata;
using Ambry.Testing.Peers;
using Ambry.Tests.Router;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;

namespace Ambry.Tests.Objects;

/// <summary>An object store over a mapping and replicas in memory, both of which a test can meddle with.</summary>
internal sealed class ObjectsWorld : IAsyncDisposable
{
    public const string Bucket = "bucket";

    private readonly InMemoryMetadataStore _metadata = InMemoryMetadataStore.Create(
        new MetadataOptions { ShardCount = 4 });

    private int _etags;

    private ObjectsWorld()
    {
        Metadata = new ScriptedMetadataStore(_metadata);
        Store = new ObjectStore(
            Metadata, Routing.Router, new SequentialIds(seed: 30), Routing.Time, NullLogger<ObjectStore>.Instance);
        Reclaimer = new Reclaimer(Metadata, Routing.Router, NullLogger<Reclaimer>.Instance);
    }

    public RouterWorld Routing { get; } = new();

    public ScriptedMetadataStore Metadata { get; }

    public ObjectStore Store { get; }

    public Reclaimer Reclaimer { get; }

    public IReadOnlyList<BlobId> LiveBlobs => Routing.Peers.LiveBlobs;

    public static async Task<ObjectsWorld> CreateAsync()
    {
        var world = new ObjectsWorld();
        (await world.Store.CreateBucketAsync(Bucket, "owner", "here", default)).Error.ShouldBe(ObjectError.None);
        return world;
    }

    public static ObjectPath Path(string key, string bucket = Bucket) => new(bucket, Encoding.UTF8.GetBytes(key));

    public ObjectContent Content(byte[] bytes) => Content(new ScriptedStream(bytes, 1000), bytes.Length);

    public ObjectContent Content(Stream stream, long? length)
    {
        string etag = "etag-" + (++_etags).ToString(CultureInfo.InvariantCulture);
        return new ObjectContent(stream, length, () => new ContentDigest(etag, [new StoredChecksum("CRC32C", "AAAA")]));
    }

    public static PutObjectRequest Request(ObjectContent content, ObjectCondition condition = default) => new(
        "owner", content, [new("Content-Type", "text/plain")], [new("colour", "blue")], condition);

    public async Task<Outcome<StoredObject>> PutAsync(string key, byte[] bytes, ObjectCondition condition = default) =>
        await Store.PutObjectAsync(Path(key), Request(Content(bytes), condition), default);

    public async Task<StoredObject> PutWellAsync(string key, byte[] bytes)
    {
        var put = await PutAsync(key, bytes);
        put.Error.ShouldBe(ObjectError.None);
        return put.Value!;
    }

    public async Task<Outcome<StoredObject>> CopyAsync(
        string source, string target, ObjectCondition condition = default) =>
        await Store.CopyObjectAsync(
            Path(source),
            Path(target),
            seen => new CopyObjectRequest("owner", seen.Headers, seen.UserMetadata, seen.Checksum, condition),
            default);

    public async Task<byte[]?> ReadAsync(string key)
    {
        var found = await Store.FindObjectAsync(Path(key), default);
        if (found.Value is null)
        {
            return null;
        }

        var opened = await Store.OpenReadAsync(found.Value, 0, found.Value.SizeBytes, default);
        await using var reader = opened.Value.ShouldNotBeNull(opened.Error.ToString());
        var bytes = new MemoryStream();
        while (await reader.ReadAsync(default) is { Length: > 0 } block)
        {
            await bytes.WriteAsync(block);
        }

        return bytes.ToArray();
    }

    public async Task<string> BeginUploadAsync(string key)
    {
        var begun = await Store.CreateUploadAsync(
            Path(key), new CreateUploadRequest("owner", [new("Content-Type", "video/mp4")], [], null, false), default);
        begun.Error.ShouldBe(ObjectError.None);
        return begun.Value!.UploadId;
    }

    public async Task<StoredPart> PutPartAsync(string key, string uploadId, int number, byte[] bytes)
    {
        var part = await Store.PutPartAsync(Path(key), uploadId, number, Content(bytes), default);
        part.Error.ShouldBe(ObjectError.None);
        return part.Value!;
    }

    public async Task<Outcome<StoredObject>> CompleteAsync(
        string key, string uploadId, IReadOnlyList<StoredPart> parts, ObjectCondition condition = default) =>
        await Store.CompleteUploadAsync(
            Path(key), uploadId, new CompleteUploadRequest("owner", parts, "complete-2", null, condition), default);

    /// <summary>Reclaims until there is nothing to do, the background deleter's work included.</summary>
    public async Task ReclaimAsync()
    {
        for (int i = 0; i < 20 && await Reclaimer.RunOnceAsync(default) > 0; i++)
        {
        }

        await Routing.DeleteInBackgroundAsync();
    }

    public ValueTask DisposeAsync() => _metadata.DisposeAsync();
}
