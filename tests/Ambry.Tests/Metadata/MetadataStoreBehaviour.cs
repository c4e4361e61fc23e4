using Ambry.Metadata;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

/// <summary>What every mapping promises; run against each implementation.</summary>
public abstract partial class MetadataStoreBehaviour : IAsyncLifetime
{
    private readonly MetadataSamples _samples = new(20);

    private protected IMetadataStore Store { get; private set; } = null!;

    private protected BucketRecord Bucket { get; private set; } = null!;

    protected static CancellationToken Token => CancellationToken.None;

    /// <summary>How long a random sequence of changes is.</summary>
    protected virtual int RandomSteps => 400;

    public async Task InitializeAsync()
    {
        Store = await OpenAsync(new MetadataOptions { ShardCount = 4, LogSegmentBytes = 1 << 20 });
        Bucket = await CreateBucketAsync("bucket");
    }

    public async Task DisposeAsync() => await CloseAsync();

    protected abstract ValueTask<IMetadataStore> OpenAsync(MetadataOptions options);

    protected abstract ValueTask CloseAsync();

    private protected void UseStore(IMetadataStore store) => Store = store;

    [Fact]
    public async Task A_committed_object_is_found_with_all_its_fields()
    {
        var entry = _samples.FullEntry(Bucket);
        var committed = await Store.CommitObjectAsync(Bucket, MetadataSamples.Key("k"), entry, default, Token);
        committed.Error.ShouldBe(MetadataError.None);
        committed.Entry!.Version.ShouldNotBe(entry.Version);

        var found = await Store.FindObjectAsync(Bucket, MetadataSamples.Key("k"), Token);

        Bytes(found.Entry!).ShouldBe(Bytes(entry with { Version = committed.Entry.Version }));
        (await FindAsync("K")).Error.ShouldBe(MetadataError.NoSuchKey);
    }

    [Fact]
    public async Task Versions_of_a_name_rise_even_across_its_deletion()
    {
        var first = await CommitAsync("k");
        var second = await CommitAsync("k");
        await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("k"), default, Token);
        var third = await CommitAsync("k");

        second.Version.ShouldBeGreaterThan(first.Version);
        third.Version.ShouldBeGreaterThan(second.Version);
    }

    [Fact]
    public async Task Conditions_are_decided_against_the_current_version()
    {
        await ExpectCommitAsync(new WriteCondition(IfMatch: "*"), MetadataError.NoSuchKey);
        await ExpectCommitAsync(new WriteCondition(IfMatch: "one"), MetadataError.NoSuchKey);
        await ExpectCommitAsync(new WriteCondition(IfNoneMatch: "*"), MetadataError.None, "one");
        await ExpectCommitAsync(new WriteCondition(IfNoneMatch: "*"), MetadataError.PreconditionFailed);
        await ExpectCommitAsync(new WriteCondition(IfNoneMatch: "one"), MetadataError.PreconditionFailed);
        await ExpectCommitAsync(new WriteCondition(IfMatch: "two"), MetadataError.PreconditionFailed);
        await ExpectCommitAsync(new WriteCondition(IfMatch: "one"), MetadataError.None, "two");
        await ExpectCommitAsync(new WriteCondition(IfMatch: "*", IfNoneMatch: "one"), MetadataError.None, "three");
        (await FindAsync("cond")).Entry!.ETag.ShouldBe("three");
        var key = MetadataSamples.Key("cond");
        (await Store.DeleteObjectAsync(Bucket, key, new WriteCondition("x"), Token)).Error
            .ShouldBe(MetadataError.PreconditionFailed);
        (await Store.DeleteObjectAsync(Bucket, key, new WriteCondition("three"), Token)).Entry!.ETag.ShouldBe("three");
        (await Store.DeleteObjectAsync(Bucket, key, default, Token)).Error.ShouldBe(MetadataError.NoSuchKey);
    }

    [Fact]
    public async Task Of_64_creators_exactly_one_wins()
    {
        var entries = Enumerable.Range(0, 64).Select(i => _samples.Entry($"e{i}")).ToList();
        var results = await Task.WhenAll(entries.Select(entry => Task.Run(async () => await Store.CommitObjectAsync(
            Bucket, MetadataSamples.Key("raced"), entry, new WriteCondition(IfNoneMatch: "*"), Token))));

        results.Count(r => r.Error == MetadataError.None).ShouldBe(1);
        results.Count(r => r.Error == MetadataError.PreconditionFailed).ShouldBe(63);
        var winner = results.Single(r => r.Error == MetadataError.None).Entry!;
        (await FindAsync("raced")).Entry!.HolderId.ShouldBe(winner.HolderId);
        (await DeletionsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Overwriting_and_deleting_queue_the_displaced_blobs_once()
    {
        var first = await CommitAsync("k");
        var second = await CommitAsync("k");
        (await DeletionsAsync()).ShouldBe([first.Handle.Id]);

        await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("k"), default, Token);

        (await DeletionsAsync()).ShouldBe([first.Handle.Id, second.Handle.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task The_same_commit_twice_does_not_displace_itself()
    {
        var entry = _samples.Entry();
        var key = MetadataSamples.Key("k");
        var first = await Store.CommitObjectAsync(Bucket, key, entry, new WriteCondition(IfNoneMatch: "*"), Token);
        var again = await Store.CommitObjectAsync(Bucket, key, entry, new WriteCondition(IfNoneMatch: "*"), Token);

        again.Error.ShouldBe(MetadataError.None);
        again.Entry!.Version.ShouldBe(first.Entry!.Version);
        (await DeletionsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Acknowledged_reclaim_items_are_gone_and_may_be_acknowledged_again()
    {
        for (int i = 0; i < 12; i++)
        {
            await CommitAsync("k");
        }

        var items = await QueueAsync();
        items.Count.ShouldBe(11);
        items.Select(item => item.Sequence).ShouldBeInOrder();
        int shard = items[0].Shard;
        (await Store.ReadReclaimQueueAsync(shard, 0, 3, Token)).ShouldBe(items.Take(3));
        (await Store.ReadReclaimQueueAsync(shard, items[2].Sequence, 3, Token)).ShouldBe(items.Skip(3).Take(3));
        (await Store.ReadReclaimQueueAsync(shard, items[^1].Sequence, 3, Token)).ShouldBeEmpty();
        (await Store.ReadReclaimQueueAsync(shard, ulong.MaxValue, 3, Token)).ShouldBeEmpty();

        ulong[] done = [.. items.Take(5).Select(item => item.Sequence)];
        (await Store.AcknowledgeReclaimAsync(shard, done, Token)).ShouldBe(MetadataError.None);
        (await Store.AcknowledgeReclaimAsync(shard, done, Token)).ShouldBe(MetadataError.None);

        (await QueueAsync()).ShouldBe(items.Skip(5));
    }

    private protected static byte[] Bytes(ObjectEntry entry) => Ambry.Metadata.Codec.EntryCodec.Encode(entry);

    private protected async Task<BucketRecord> CreateBucketAsync(string name, int width = 0)
    {
        var result = await Store.CreateBucketAsync(name, "owner", "region", width, MetadataSamples.Time, Token);
        result.Error.ShouldBe(MetadataError.None);
        return result.Bucket!;
    }

    private protected async Task<ObjectEntry> CommitAsync(string key, string etag = "e", BlobHandle? handle = null)
    {
        var result = await Store.CommitObjectAsync(
            Bucket, MetadataSamples.Key(key), _samples.Entry(etag, handle), default, Token);
        result.Error.ShouldBe(MetadataError.None);
        return result.Entry!;
    }

    private protected ValueTask<ObjectResult> FindAsync(string key) =>
        Store.FindObjectAsync(Bucket, MetadataSamples.Key(key), Token);

    private protected async Task<List<ReclaimItem>> QueueAsync()
    {
        var all = new List<ReclaimItem>();
        for (int shard = 0; shard < Store.ShardCount; shard++)
        {
            all.AddRange(await Store.ReadReclaimQueueAsync(shard, 0, 10_000, Token));
        }

        return all;
    }

    private protected async Task<List<Ambry.Protocol.BlobId>> DeletionsAsync() =>
        [.. (await QueueAsync()).Where(item => item.DeleteBlob is not null).Select(item => item.DeleteBlob!.Value)];

    private async Task ExpectCommitAsync(WriteCondition condition, MetadataError expected, string etag = "other")
    {
        var result = await Store.CommitObjectAsync(
            Bucket, MetadataSamples.Key("cond"), _samples.Entry(etag), condition, Token);
        result.Error.ShouldBe(expected);
        (result.Entry is null).ShouldBe(expected != MetadataError.None);
    }
}
