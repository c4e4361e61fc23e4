using Ambry.Metadata;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public abstract partial class MetadataStoreBehaviour
{
    [Fact]
    public async Task A_copied_blob_lives_until_its_last_name_is_gone()
    {
        var source = await CommitAsync("source");
        await CopyAsync("source", "copy");
        await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("source"), default, Token);
        (await ReclaimAsync()).ShouldBeEmpty();

        await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("copy"), default, Token);

        (await ReclaimAsync()).ShouldBe([source.Handle.Id]);
    }

    [Fact]
    public async Task A_holder_is_added_only_while_the_source_holds_the_blob()
    {
        var source = await CommitAsync("source");
        var key = MetadataSamples.Key("source");
        var holder = _samples.Id();
        (await Store.AddHolderAsync(Bucket, key, source, holder, Token)).ShouldBe(MetadataError.None);
        (await Store.AddHolderAsync(Bucket, key, source, holder, Token)).ShouldBe(MetadataError.None);
        var release = new HolderRelease(source.Handle.Id, new HandleHome(Bucket, key, source.HolderId), holder);
        (await Store.ReleaseHolderAsync(release, Token)).ShouldBe(MetadataError.None);
        (await Store.ReleaseHolderAsync(release, Token)).ShouldBe(MetadataError.None);
        (await ReclaimAsync()).ShouldBeEmpty();

        await CommitAsync("source");

        (await ReclaimAsync()).ShouldBe([source.Handle.Id]);
        (await Store.AddHolderAsync(Bucket, key, source, holder, Token)).ShouldBe(MetadataError.NoSuchKey);
    }

    [Fact]
    public async Task A_name_copied_onto_itself_keeps_its_blob()
    {
        var first = await CommitAsync("k");
        await CopyAsync("k", "k");
        await CopyAsync("k", "k");
        (await ReclaimAsync()).ShouldBeEmpty();
        (await FindAsync("k")).Entry!.Handle.Id.ShouldBe(first.Handle.Id);

        await CommitAsync("k");

        (await ReclaimAsync()).ShouldBe([first.Handle.Id]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_blob_is_either_reachable_or_deleted_once(int seed)
    {
        var random = new Random(seed);
        var committed = new HashSet<BlobId>();
        var deleted = new List<BlobId>();
        for (int step = 0; step < RandomSteps; step++)
        {
            string name = $"n{random.Next(8)}";
            switch (random.Next(6))
            {
                case 0 or 1:
                    committed.Add((await CommitAsync(name)).Handle.Id);
                    break;
                case 2:
                    await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key(name), default, Token);
                    break;
                case 3 or 4:
                    await CopyAsync($"n{random.Next(8)}", name, isRefused: random.Next(4) == 0);
                    break;
                default:
                    deleted.AddRange(await ReclaimAsync());
                    break;
            }
        }

        deleted.AddRange(await ReclaimAsync());
        var reachable = new HashSet<BlobId>();
        for (int i = 0; i < 8; i++)
        {
            if ((await FindAsync($"n{i}")).Entry is { } entry)
            {
                reachable.Add(entry.Handle.Id);
            }
        }

        deleted.ShouldBeUnique();
        deleted.Concat(reachable).ShouldBe(committed, ignoreOrder: true, $"seed {seed}");
    }

    /// <summary>As a copy is made: a holder first, then the name; what is refused lets go again.</summary>
    private async Task CopyAsync(string from, string to, bool isRefused = false)
    {
        if ((await FindAsync(from)).Entry is not { } source)
        {
            return;
        }

        var home = source.Handle.Home ?? new HandleHome(Bucket, MetadataSamples.Key(from), source.HolderId);
        var copy = _samples.Entry("copy", new BlobHandle(source.Handle.Id, home));
        var added = await Store.AddHolderAsync(Bucket, MetadataSamples.Key(from), source, copy.HolderId, Token);
        added.ShouldBe(MetadataError.None);
        var condition = isRefused ? new WriteCondition(IfMatch: "never") : default;
        var result = await Store.CommitObjectAsync(Bucket, MetadataSamples.Key(to), copy, condition, Token);
        result.Error.ShouldBeOneOf(
            isRefused ? [MetadataError.PreconditionFailed, MetadataError.NoSuchKey] : [MetadataError.None]);
        if (isRefused)
        {
            await Store.ReleaseHolderAsync(new HolderRelease(source.Handle.Id, home, copy.HolderId), Token);
        }
    }

    /// <summary>Does what the queues ask until they are empty; each release twice, for it happens at least
    /// once.</summary>
    private async Task<List<BlobId>> ReclaimAsync()
    {
        var deleted = new List<BlobId>();
        while (await QueueAsync() is { Count: > 0 } items)
        {
            foreach (var item in items)
            {
                if (item.DeleteBlob is { } blob)
                {
                    deleted.Add(blob);
                }
                else
                {
                    await Store.ReleaseHolderAsync(item.ReleaseHolder!, Token);
                    await Store.ReleaseHolderAsync(item.ReleaseHolder!, Token);
                }

                await Store.AcknowledgeReclaimAsync(item.Shard, [item.Sequence], Token);
            }
        }

        return deleted;
    }
}
