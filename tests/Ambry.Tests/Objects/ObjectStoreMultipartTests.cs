using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Tests.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ObjectStoreMultipartTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    private static readonly byte[] First = RouterWorld.Bytes((2 * Chunk) + 7, seed: 1);
    private static readonly byte[] Second = RouterWorld.Bytes(100, seed: 2);

    [Fact]
    public async Task Parts_become_one_object_without_being_copied()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        int blobs = world.LiveBlobs.Count;

        var complete = await world.CompleteAsync("k", upload, parts);

        complete.Error.ShouldBe(ObjectError.None);
        complete.Value!.SizeBytes.ShouldBe(First.Length + Second.Length);
        complete.Value.ETag.ShouldBe("complete-2");
        complete.Value.Headers.ShouldBe([new("Content-Type", "video/mp4")]);
        complete.Value.Parts.Select(part => (part.Number, part.SizeBytes))
            .ShouldBe([(1, First.Length), (2, Second.Length)]);
        world.LiveBlobs.Count.ShouldBe(blobs + 1);
        (await world.ReadAsync("k")).ShouldBe([.. First, .. Second]);
        (await world.Store.FindUploadAsync(ObjectsWorld.Path("k"), upload, default)).Error
            .ShouldBe(ObjectError.NoSuchUpload);
    }

    [Fact]
    public async Task Parts_of_no_bytes_are_parts()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var part = await world.PutPartAsync("k", upload, 1, []);

        (await world.CompleteAsync("k", upload, [part])).Error.ShouldBe(ObjectError.None);

        (await world.ReadAsync("k")).ShouldBe([]);
    }

    [Fact]
    public async Task Parts_that_were_not_used_and_parts_sent_again_are_reclaimed()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        await PutPartsAsync(world, upload);
        var again = await world.PutPartAsync("k", upload, 2, Second);

        (await world.CompleteAsync("k", upload, [again])).Error.ShouldBe(ObjectError.None);
        await world.ReclaimAsync();

        // The part, and the list over it.
        world.LiveBlobs.Count.ShouldBe(2);
        (await world.ReadAsync("k")).ShouldBe(Second);
        await world.Store.DeleteObjectAsync(ObjectsWorld.Path("k"), default, default);
        await world.ReclaimAsync();
        world.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_complete_that_is_refused_deletes_its_list_and_keeps_the_parts()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("k", [1]);
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        var blobs = world.LiveBlobs.Order(ById).ToList();

        (await world.CompleteAsync("k", upload, parts, new ObjectCondition(IfNoneMatch: "*"))).Error
            .ShouldBe(ObjectError.PreconditionFailed);

        await world.ReclaimAsync();
        world.LiveBlobs.Order(ById).ShouldBe(blobs);
        (await world.CompleteAsync("k", upload, parts)).Error.ShouldBe(ObjectError.None);
        (await world.ReadAsync("k")).ShouldBe([.. First, .. Second]);
    }

    [Fact]
    public async Task A_complete_over_a_part_that_was_sent_again_is_refused()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        var again = await world.PutPartAsync("k", upload, 2, [9]);

        (await world.CompleteAsync("k", upload, parts)).Error.ShouldBe(ObjectError.InvalidPart);

        await world.ReclaimAsync();
        (await world.CompleteAsync("k", upload, [parts[0], again])).Error.ShouldBe(ObjectError.None);
        (await world.ReadAsync("k")).ShouldBe([.. First, 9]);
    }

    [Fact]
    public async Task Completes_that_race_have_one_winner_and_both_see_its_object()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        int blobs = world.LiveBlobs.Count;
        Outcome<StoredObject> winner = default;
        world.Metadata.Before = async name =>
        {
            if (name == nameof(IMetadataStore.CompleteUploadAsync))
            {
                world.Metadata.Before = null;
                winner = await world.CompleteAsync("k", upload, parts);
            }
        };

        var late = await world.CompleteAsync("k", upload, parts);

        winner.Error.ShouldBe(ObjectError.None);
        late.Error.ShouldBe(ObjectError.None);
        late.Value!.Entry.Handle.ShouldBe(winner.Value!.Entry.Handle);
        await world.ReclaimAsync();
        world.LiveBlobs.Count.ShouldBe(blobs + 1);
        (await world.ReadAsync("k")).ShouldBe([.. First, .. Second]);
    }

    [Fact]
    public async Task A_complete_of_unknown_outcome_keeps_its_list_and_may_be_repeated()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        world.Metadata.After = name =>
            name == nameof(IMetadataStore.CompleteUploadAsync) ? MetadataError.Unavailable : MetadataError.None;
        (await world.CompleteAsync("k", upload, parts)).Error.ShouldBe(ObjectError.Unavailable);
        world.Metadata.After = null;
        (await world.ReadAsync("k")).ShouldBe([.. First, .. Second]);

        (await world.CompleteAsync("k", upload, parts)).Error.ShouldBe(ObjectError.NoSuchUpload);

        var found = await world.Store.FindCompletedUploadAsync(ObjectsWorld.Path("k"), upload, default);
        found.Value.ShouldNotBeNull().ETag.ShouldBe("complete-2");
        (await world.ReadAsync("k")).ShouldBe([.. First, .. Second]);
    }

    [Fact]
    public async Task The_completed_upload_is_found_only_while_its_object_is_current()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        await world.CompleteAsync("k", upload, await PutPartsAsync(world, upload));
        var path = ObjectsWorld.Path("k");
        (await world.Store.FindCompletedUploadAsync(path, upload, default)).Error.ShouldBe(ObjectError.None);

        await world.PutWellAsync("k", [1]);

        (await world.Store.FindCompletedUploadAsync(path, upload, default)).Error.ShouldBe(ObjectError.NoSuchUpload);
        (await world.Store.FindCompletedUploadAsync(path, "no id", default)).Error.ShouldBe(ObjectError.NoSuchUpload);
        (await world.Store.FindCompletedUploadAsync(ObjectsWorld.Path("k", "other"), upload, default)).Error
            .ShouldBe(ObjectError.NoSuchBucket);
    }

    [Fact]
    public async Task A_part_that_arrives_after_the_abort_leaves_nothing()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        world.Metadata.Before = async name =>
        {
            if (name == nameof(IMetadataStore.PutPartAsync))
            {
                world.Metadata.Before = null;
                (await world.Store.AbortUploadAsync(ObjectsWorld.Path("k"), upload, default))
                    .ShouldBe(ObjectError.None);
            }
        };

        var part = await world.Store.PutPartAsync(ObjectsWorld.Path("k"), upload, 1, world.Content(First), default);

        part.Error.ShouldBe(ObjectError.NoSuchUpload);
        world.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_aborted_upload_gives_its_parts_back()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        await PutPartsAsync(world, upload);

        (await world.Store.AbortUploadAsync(ObjectsWorld.Path("k"), upload, default)).ShouldBe(ObjectError.None);

        await world.ReclaimAsync();
        world.LiveBlobs.ShouldBeEmpty();
        (await world.Store.AbortUploadAsync(ObjectsWorld.Path("k"), upload, default))
            .ShouldBe(ObjectError.NoSuchUpload);
    }

    [Fact]
    public async Task Uploads_and_parts_are_listed_page_by_page()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        await world.BeginUploadAsync("l");
        await PutPartsAsync(world, upload);
        var path = ObjectsWorld.Path("k");

        var parts = await world.Store.ListPartsAsync(path, upload, 0, 1, default);
        parts.Value!.Parts.ShouldHaveSingleItem().Number.ShouldBe(1);
        parts.Value.IsTruncated.ShouldBeTrue();
        parts = await world.Store.ListPartsAsync(path, upload, 1, 10, default);
        parts.Value!.Parts.ShouldHaveSingleItem().SizeBytes.ShouldBe(Second.Length);
        parts.Value.IsTruncated.ShouldBeFalse();
        (await world.Store.ListPartsAsync(path, "no id", 0, 1, default)).Error.ShouldBe(ObjectError.NoSuchUpload);

        var uploads = await world.Store.ListUploadsAsync(
            ObjectsWorld.Bucket, new ListUploadsRequest(default, default, default, null, 1), default);
        uploads.Value!.IsTruncated.ShouldBeTrue();
        uploads.Value.Items.ShouldHaveSingleItem().Upload!.UploadId.ShouldBe(upload);
        uploads = await world.Store.ListUploadsAsync(
            ObjectsWorld.Bucket, new ListUploadsRequest(default, default, path.Key, upload, 10), default);
        uploads.Value!.Items.ShouldHaveSingleItem().Key.ToArray().ShouldBe(ObjectsWorld.Path("l").Key.ToArray());
    }

    [Fact]
    public async Task A_part_says_which_upload_it_belongs_to_and_the_list_which_name()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        string upload = await world.BeginUploadAsync("k");
        var parts = await PutPartsAsync(world, upload);
        var complete = await world.CompleteAsync("k", upload, parts);

        var part = AnnotationOf(world, parts[1].Record.Blob);
        UploadIds.Format(part.Holder).ShouldBe(upload);
        part.PartNumber.ShouldBe(2);
        var list = AnnotationOf(world, complete.Value!.Entry.Handle.Id);
        list.Holder.ShouldBe(complete.Value.Entry.HolderId);
        list.PartNumber.ShouldBe(0);
        list.ETag.ShouldBe("complete-2");
        list.Key.ToArray().ShouldBe(ObjectsWorld.Path("k").Key.ToArray());
    }

    private static Comparer<BlobId> ById { get; } =
        Comparer<BlobId>.Create((left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private static BlobAnnotation AnnotationOf(ObjectsWorld world, BlobId blob)
    {
        var stored = world.Routing.Peers.Find(blob).ShouldNotBeNull();
        BlobAnnotation.TryDecode(stored.UserMetadata, out var annotation).ShouldBeTrue();
        return annotation!;
    }

    private static async Task<StoredPart[]> PutPartsAsync(ObjectsWorld world, string upload) =>
    [
        await world.PutPartAsync("k", upload, 1, First),
        await world.PutPartAsync("k", upload, 2, Second),
    ];
}
