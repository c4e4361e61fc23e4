using Ambry.Metadata;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public abstract partial class MetadataStoreBehaviour
{
    [Fact]
    public async Task Parts_are_listed_in_order_and_in_pages()
    {
        var upload = await CreateUploadAsync("k");
        foreach (int number in new[] { 10_000, 1, 300, 2 })
        {
            (await PutPartAsync(upload, _samples.Part(number))).ShouldBe(MetadataError.None);
        }

        var found = await Store.FindUploadAsync(Bucket, upload.Key, upload.Id, Token);
        found!.Headers.ShouldBe(upload.Headers);
        (await ListPartsAsync(upload, 0, 3)).ShouldBePage([1, 2, 300], true);
        (await ListPartsAsync(upload, 0, 4)).ShouldBePage([1, 2, 300, 10_000], false);
        (await ListPartsAsync(upload, 2, 1)).ShouldBePage([300], true);
        (await ListPartsAsync(upload, 300, 10)).ShouldBePage([10_000], false);
        (await ListPartsAsync(upload, 10_000, 10)).ShouldBePage([], false);
        (await ListPartsAsync(upload, 0, 0)).ShouldBePage([], false);
    }

    [Fact]
    public async Task A_part_uploaded_again_displaces_the_former()
    {
        var upload = await CreateUploadAsync("k");
        var former = _samples.Part(1);
        var latter = _samples.Part(1);
        await PutPartAsync(upload, former);
        await PutPartAsync(upload, latter);
        await PutPartAsync(upload, latter);

        (await DeletionsAsync()).ShouldBe([former.Blob]);
    }

    [Fact]
    public async Task What_needs_an_upload_says_when_there_is_none()
    {
        var upload = _samples.Upload("k");
        (await PutPartAsync(upload, _samples.Part(1))).ShouldBe(MetadataError.NoSuchUpload);
        (await Store.AbortUploadAsync(Bucket, upload.Key, upload.Id, Token)).ShouldBe(MetadataError.NoSuchUpload);
        (await CompleteAsync(upload, [])).Error.ShouldBe(MetadataError.NoSuchUpload);
        (await Store.FindUploadAsync(Bucket, upload.Key, upload.Id, Token)).ShouldBeNull();
        (await Store.ListPartsAsync(Bucket, upload.Key, upload.Id, 0, 10, Token)).Error
            .ShouldBe(MetadataError.NoSuchUpload);
    }

    [Fact]
    public async Task Aborting_queues_all_parts_and_ends_the_upload()
    {
        var upload = await CreateUploadAsync("k");
        var parts = Enumerable.Range(1, 600).Select(i => _samples.Part(i)).ToList();
        await Task.WhenAll(parts.Select(part => PutPartAsync(upload, part).AsTask()));

        (await Store.AbortUploadAsync(Bucket, upload.Key, upload.Id, Token)).ShouldBe(MetadataError.None);

        (await DeletionsAsync()).ShouldBe(parts.Select(p => p.Blob), ignoreOrder: true);
        (await PutPartAsync(upload, _samples.Part(1))).ShouldBe(MetadataError.NoSuchUpload);
    }

    [Fact]
    public async Task Completing_installs_the_version_and_queues_what_is_not_used()
    {
        var displaced = await CommitAsync("k");
        var upload = await CreateUploadAsync("k");
        var parts = Enumerable.Range(1, 4).Select(i => _samples.Part(i)).ToList();
        foreach (var part in parts)
        {
            await PutPartAsync(upload, part);
        }

        var entry = _samples.Entry("whole");
        var completed = await CompleteAsync(upload, [parts[0], parts[2]], entry);

        completed.Error.ShouldBe(MetadataError.None);
        (await FindAsync("k")).Entry!.HolderId.ShouldBe(entry.HolderId);
        (await DeletionsAsync()).ShouldBe(
            [displaced.Handle.Id, parts[1].Blob, parts[3].Blob], ignoreOrder: true);
        (await Store.FindUploadAsync(Bucket, upload.Key, upload.Id, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Completing_again_answers_the_version_that_was_made()
    {
        var upload = await CreateUploadAsync("k");
        var part = _samples.Part(1);
        await PutPartAsync(upload, part);
        var first = await CompleteAsync(upload, [part]);
        var other = _samples.Entry();

        var again = await CompleteAsync(upload, [part], other);

        again.Error.ShouldBe(MetadataError.None);
        again.Entry!.Handle.ShouldBe(first.Entry!.Handle);
        again.Entry.Handle.ShouldNotBe(other.Handle);
        await CommitAsync("k");
        (await CompleteAsync(upload, [part])).Error.ShouldBe(MetadataError.NoSuchUpload);
    }

    [Fact]
    public async Task Completing_with_a_part_that_changed_or_is_not_there_changes_nothing()
    {
        var upload = await CreateUploadAsync("k");
        var former = _samples.Part(1);
        var latter = _samples.Part(1);
        await PutPartAsync(upload, former);
        await PutPartAsync(upload, latter);

        (await CompleteAsync(upload, [former])).Error.ShouldBe(MetadataError.InvalidPart);
        (await CompleteAsync(upload, [latter, _samples.Part(2)])).Error.ShouldBe(MetadataError.InvalidPart);
        (await CompleteAsync(upload, [latter], condition: new WriteCondition(IfMatch: "*"))).Error
            .ShouldBe(MetadataError.NoSuchKey);
        (await FindAsync("k")).Error.ShouldBe(MetadataError.NoSuchKey);
        (await DeletionsAsync()).ShouldBe([former.Blob]);

        (await CompleteAsync(upload, [latter])).Error.ShouldBe(MetadataError.None);
    }

    [Fact]
    public async Task Uploads_are_listed_by_key_and_id_and_rolled_up()
    {
        var ids = Enumerable.Range(0, 3).Select(i => new Guid(i + 1, 0, 0, new byte[8])).ToList();
        foreach (string key in new[] { "b", "a", "dir/x", "dir/y" })
        {
            foreach (var id in ids)
            {
                await Store.CreateUploadAsync(Bucket, _samples.Upload(key, id), Token);
            }
        }

        var all = await ListUploadsAsync(new UploadListQuery(default, "/"u8.ToArray(), default, null, 100));
        all.ShouldBePage(["a1", "a2", "a3", "b1", "b2", "b3", "dir/"], false);
        var paged = await ListUploadsAsync(new UploadListQuery(default, default, "a"u8.ToArray(), ids[1], 3));
        paged.ShouldBePage(["a3", "b1", "b2"], true);
        var behind = await ListUploadsAsync(new UploadListQuery(default, default, "a"u8.ToArray(), null, 2));
        behind.ShouldBePage(["b1", "b2"], true);
        var prefixed = await ListUploadsAsync(
            new UploadListQuery("dir/"u8.ToArray(), "/"u8.ToArray(), "dir/x"u8.ToArray(), ids[2], 3));
        prefixed.ShouldBePage(["dir/y1", "dir/y2", "dir/y3"], false);
        var done = await ListUploadsAsync(new UploadListQuery(default, "/"u8.ToArray(), "dir/"u8.ToArray(), null, 3));
        done.ShouldBePage([], false);
    }

    private async Task<UploadRecord> CreateUploadAsync(string key)
    {
        var upload = _samples.Upload(key);
        (await Store.CreateUploadAsync(Bucket, upload, Token)).ShouldBe(MetadataError.None);
        return upload;
    }

    private ValueTask<MetadataError> PutPartAsync(UploadRecord upload, PartRecord part) =>
        Store.PutPartAsync(Bucket, upload.Key, upload.Id, part, Token);

    private ValueTask<ObjectResult> CompleteAsync(
        UploadRecord upload,
        IReadOnlyList<PartRecord> parts,
        ObjectEntry? entry = null,
        WriteCondition condition = default) =>
        Store.CompleteUploadAsync(Bucket, upload.Key, upload.Id, parts, entry ?? _samples.Entry(), condition, Token);

    private async Task<(int[] Numbers, bool IsTruncated)> ListPartsAsync(UploadRecord upload, int after, int max)
    {
        var page = await Store.ListPartsAsync(Bucket, upload.Key, upload.Id, after, max, Token);
        page.Upload!.Id.ShouldBe(upload.Id);
        return ([.. page.Parts.Select(p => p.Number)], page.IsTruncated);
    }

    private async Task<(string[] Names, bool IsTruncated)> ListUploadsAsync(UploadListQuery query)
    {
        var page = await Store.ListUploadsAsync(Bucket, query, Token);
        page.Error.ShouldBe(MetadataError.None);
        var names = page.Items.Select(item =>
            System.Text.Encoding.UTF8.GetString(item.Key.Span) + item.Upload?.Id.ToString()[7]);
        return ([.. names], page.IsTruncated);
    }
}
