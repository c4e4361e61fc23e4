using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Ambry.Tests.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ObjectStoreWritingTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk)]
    [InlineData((3 * Chunk) + 5)]
    public async Task What_was_put_is_read_back(int length)
    {
        await using var world = await ObjectsWorld.CreateAsync();
        byte[] bytes = RouterWorld.Bytes(length);

        var put = await world.PutWellAsync("k", bytes);

        (await world.ReadAsync("k")).ShouldBe(bytes);
        put.SizeBytes.ShouldBe(length);
        put.ETag.ShouldBe("etag-1");
        put.Headers.ShouldBe([new("Content-Type", "text/plain")]);
        put.UserMetadata.ShouldBe([new("colour", "blue")]);
        put.Checksum.ShouldBe(new StoredChecksum("CRC32C", "AAAA"));
        put.LastModified.ShouldBe(world.Routing.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_version_that_was_displaced_and_is_not_kept_is_no_damage_and_a_lost_one_is()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var seen = await world.PutWellAsync("k", [1]);
        var current = await world.PutWellAsync("k", [2]);
        world.Routing.Peers.FaultBefore = call =>
            call.Operation == PeerOperation.Get ? PeerError.Deleted : PeerError.None;

        (await world.Store.OpenReadAsync(seen, 0, 1, default)).Error.ShouldBe(ObjectError.Unavailable);
        (await world.Store.OpenReadAsync(current, 0, 1, default)).Error.ShouldBe(ObjectError.Corrupt);
    }

    [Theory]
    [InlineData(10)]
    [InlineData((3 * Chunk) + 5)]
    public async Task A_body_that_breaks_off_leaves_neither_name_nor_blob(int length)
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var body = new ScriptedStream(RouterWorld.Bytes(length), 1000)
        {
            AtEnd = () => throw new InvalidDataException("The body is short."),
        };

        var put = async () => await world.Store.PutObjectAsync(
            ObjectsWorld.Path("k"), ObjectsWorld.Request(world.Content(body, length)), default);

        await put.ShouldThrowAsync<InvalidDataException>();
        (await world.ReadAsync("k")).ShouldBeNull();
        await world.ReclaimAsync();
        world.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_condition_that_fails_early_costs_no_body()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("k", [1]);
        world.Routing.Peers.ClearCalls();
        var body = Unread([2]);

        var request = ObjectsWorld.Request(world.Content(body, 1), new ObjectCondition(IfNoneMatch: "*"));
        var put = await world.Store.PutObjectAsync(ObjectsWorld.Path("k"), request, default);

        put.Error.ShouldBe(ObjectError.PreconditionFailed);
        world.Routing.Peers.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_costs_no_body()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var body = Unread([]);

        var put = await world.Store.PutObjectAsync(
            ObjectsWorld.Path("k", "other"), ObjectsWorld.Request(world.Content(body, 0)), default);

        put.Error.ShouldBe(ObjectError.NoSuchBucket);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2 * Chunk)]
    public async Task A_condition_lost_at_commit_deletes_the_blob(int length)
    {
        await using var world = await ObjectsWorld.CreateAsync();
        byte[] winner = RouterWorld.Bytes(5, seed: 9);
        Meddle(world, nameof(IMetadataStore.CommitObjectAsync), () => world.PutWellAsync("k", winner));

        var put = await world.PutAsync("k", RouterWorld.Bytes(length), new ObjectCondition(IfNoneMatch: "*"));

        put.Error.ShouldBe(ObjectError.PreconditionFailed);
        (await world.ReadAsync("k")).ShouldBe(winner);
        world.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_commit_of_unknown_outcome_keeps_the_blob_for_the_name_may_be_there()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        world.Metadata.After = name =>
            name == nameof(IMetadataStore.CommitObjectAsync) ? MetadataError.Unavailable : MetadataError.None;

        var put = await world.PutAsync("k", [1, 2, 3]);

        put.Error.ShouldBe(ObjectError.Unavailable);
        (await world.ReadAsync("k")).ShouldBe([1, 2, 3]);
        world.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_overwritten_and_a_deleted_object_are_reclaimed()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("k", RouterWorld.Bytes(3 * Chunk));
        await world.PutWellAsync("k", [2]);
        await world.ReclaimAsync();
        world.LiveBlobs.Count.ShouldBe(1);

        (await world.Store.DeleteObjectAsync(ObjectsWorld.Path("k"), default, default)).ShouldBe(ObjectError.None);
        await world.ReclaimAsync();

        world.LiveBlobs.ShouldBeEmpty();
        (await world.Store.DeleteObjectAsync(ObjectsWorld.Path("k"), default, default)).ShouldBe(ObjectError.NoSuchKey);
    }

    [Fact]
    public async Task A_reader_that_was_opened_before_the_overwrite_reads_on()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var old = await world.PutWellAsync("k", RouterWorld.Bytes(3 * Chunk));
        await world.PutWellAsync("k", [2]);
        await world.ReclaimAsync();

        var opened = await world.Store.OpenReadAsync(old, 0, old.SizeBytes, default);

        opened.Error.ShouldBe(ObjectError.None);
        await opened.Value!.DisposeAsync();
    }

    [Fact]
    public async Task A_copy_outlives_its_source_and_the_last_name_frees_the_bytes()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        byte[] bytes = RouterWorld.Bytes(2 * Chunk);
        await world.PutWellAsync("a", bytes);
        int blobs = world.LiveBlobs.Count;

        (await world.CopyAsync("a", "b")).Error.ShouldBe(ObjectError.None);
        (await world.CopyAsync("b", "c")).Error.ShouldBe(ObjectError.None);
        (await world.CopyAsync("c", "c")).Error.ShouldBe(ObjectError.None);
        world.LiveBlobs.Count.ShouldBe(blobs);
        foreach (string gone in new[] { "a", "b" })
        {
            await world.Store.DeleteObjectAsync(ObjectsWorld.Path(gone), default, default);
            await world.ReclaimAsync();
            (await world.ReadAsync("c")).ShouldBe(bytes);
            world.LiveBlobs.Count.ShouldBe(blobs);
        }

        await world.PutWellAsync("c", []);
        await world.ReclaimAsync();
        world.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_copy_whose_source_is_overwritten_meanwhile_copies_the_new_one()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("a", [1]);
        Meddle(world, nameof(IMetadataStore.AddHolderAsync), () => world.PutWellAsync("a", [2]));

        var copy = await world.CopyAsync("a", "b");

        copy.Error.ShouldBe(ObjectError.None);
        copy.Value!.ETag.ShouldBe("etag-2");
        (await world.ReadAsync("b")).ShouldBe([2]);
        await world.ReclaimAsync();
        world.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_copy_whose_source_is_overwritten_again_and_again_gives_up()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("a", [1]);
        world.Metadata.Before = async name =>
        {
            if (name == nameof(IMetadataStore.AddHolderAsync))
            {
                await world.PutWellAsync("a", [2]);
            }
        };

        (await world.CopyAsync("a", "b")).Error.ShouldBe(ObjectError.Conflict);
        (await world.ReadAsync("b")).ShouldBeNull();
    }

    [Fact]
    public async Task A_copy_that_is_refused_lets_go_of_the_bytes()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("a", [1]);
        await world.PutWellAsync("b", [2]);

        var copy = await world.CopyAsync("a", "b", new ObjectCondition(IfNoneMatch: "*"));

        copy.Error.ShouldBe(ObjectError.PreconditionFailed);
        await world.Store.DeleteObjectAsync(ObjectsWorld.Path("a"), default, default);
        await world.ReclaimAsync();
        world.LiveBlobs.Count.ShouldBe(1);
        (await world.ReadAsync("b")).ShouldBe([2]);
    }

    [Fact]
    public async Task What_decides_a_copy_may_throw_and_nothing_is_held()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("a", [1]);

        var copy = async () => await world.Store.CopyObjectAsync(
            ObjectsWorld.Path("a"), ObjectsWorld.Path("b"), _ => throw new InvalidDataException(), default);

        await copy.ShouldThrowAsync<InvalidDataException>();
        await world.Store.DeleteObjectAsync(ObjectsWorld.Path("a"), default, default);
        await world.ReclaimAsync();
        world.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_blob_says_which_name_it_was_written_for()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var put = await world.PutWellAsync("folder/k", RouterWorld.Bytes(2 * Chunk));

        var stored = world.Routing.Peers.Find(put.Entry.Handle.Id).ShouldNotBeNull();

        BlobAnnotation.TryDecode(stored.UserMetadata, out var annotation).ShouldBeTrue();
        annotation!.BucketName.ShouldBe(ObjectsWorld.Bucket);
        annotation.Key.ToArray().ShouldBe(ObjectsWorld.Path("folder/k").Key.ToArray());
        annotation.Holder.ShouldBe(put.Entry.HolderId);
        annotation.PartNumber.ShouldBe(0);
        annotation.Owner.ShouldBe("owner");
        annotation.Headers.ShouldBe([new NameValue("Content-Type", "text/plain")]);
        annotation.UserMetadata.ShouldBe([new NameValue("colour", "blue")]);
    }

    private static ScriptedStream Unread(byte[] bytes) =>
        new(bytes, 1) { AtEnd = () => throw new InvalidOperationException("The body was read.") };

    /// <summary>Does something once, before the first such call reaches the mapping.</summary>
    private static void Meddle(ObjectsWorld world, string call, Func<Task> meddle)
    {
        world.Metadata.Before = async name =>
        {
            if (name == call)
            {
                world.Metadata.Before = null;
                await meddle();
            }
        };
    }
}
