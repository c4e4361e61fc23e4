using Ambry.Metadata;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public abstract partial class MetadataStoreBehaviour
{
    [Fact]
    public async Task Buckets_are_found_and_listed_in_order_of_their_names()
    {
        await CreateBucketAsync("zebra");
        var apple = await CreateBucketAsync("apple", width: 2);

        apple.Width.ShouldBe(2);
        (await Store.FindBucketAsync("apple", Token)).ShouldBe(apple);
        (await Store.FindBucketAsync("Apple", Token)).ShouldBeNull();
        (await Store.ListBucketsAsync(Token)).Select(b => b.Name).ShouldBe(["apple", "bucket", "zebra"]);
        var again = await Store.CreateBucketAsync("apple", "other", "region", 0, MetadataSamples.Time, Token);
        again.ShouldBe(new BucketResult(MetadataError.BucketExists, apple));
    }

    [Fact]
    public async Task A_deleted_bucket_is_gone_and_its_name_free_for_another_number()
    {
        (await Store.DeleteBucketAsync(Bucket, Token)).ShouldBe(MetadataError.None);

        (await Store.FindBucketAsync("bucket", Token)).ShouldBeNull();
        (await Store.DeleteBucketAsync(Bucket, Token)).ShouldBe(MetadataError.NoSuchBucket);
        var entry = _samples.Entry();
        var key = MetadataSamples.Key("k");
        (await Store.CommitObjectAsync(Bucket, key, entry, default, Token)).Error.ShouldBe(MetadataError.NoSuchBucket);
        (await Store.FindObjectAsync(Bucket, key, Token)).Error.ShouldBe(MetadataError.NoSuchBucket);
        (await Store.CreateUploadAsync(Bucket, _samples.Upload("k"), Token)).ShouldBe(MetadataError.NoSuchBucket);

        var anew = await CreateBucketAsync("bucket");
        anew.Id.ShouldNotBe(Bucket.Id);
        (await Store.CommitObjectAsync(anew, key, entry, default, Token)).Error.ShouldBe(MetadataError.None);
        (await Store.CommitObjectAsync(Bucket, key, entry, default, Token)).Error.ShouldBe(MetadataError.NoSuchBucket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bucket_with_an_object_or_an_upload_stays(bool isUpload)
    {
        var upload = _samples.Upload("k");
        if (isUpload)
        {
            (await Store.CreateUploadAsync(Bucket, upload, Token)).ShouldBe(MetadataError.None);
        }
        else
        {
            await CommitAsync("k");
        }

        (await Store.DeleteBucketAsync(Bucket, Token)).ShouldBe(MetadataError.BucketNotEmpty);

        (await Store.FindBucketAsync("bucket", Token)).ShouldBe(Bucket);
        for (int i = 0; i < 20; i++)
        {
            await CommitAsync($"open-in-every-shard-{i}");
            await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key($"open-in-every-shard-{i}"), default, Token);
        }

        await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("k"), default, Token);
        await Store.AbortUploadAsync(Bucket, MetadataSamples.Key("k"), upload.Id, Token);
        (await Store.DeleteBucketAsync(Bucket, Token)).ShouldBe(MetadataError.None);
    }

    [Fact]
    public async Task A_write_that_races_with_the_deletion_of_its_bucket_wins_or_is_refused()
    {
        for (int round = 0; round < 40; round++)
        {
            var bucket = await CreateBucketAsync($"raced-{round}");
            var keys = Enumerable.Range(0, 6).Select(i => MetadataSamples.Key($"k{i}")).ToList();
            var entries = keys.ConvertAll(_ => _samples.Entry());
            var deletion = Task.Run(async () => await Store.DeleteBucketAsync(bucket, Token));
            var writes = await Task.WhenAll(keys.Zip(entries, (key, entry) => Task.Run(
                async () => await Store.CommitObjectAsync(bucket, key, entry, default, Token))));
            var deleted = await deletion;

            writes.ShouldAllBe(w => w.Error == MetadataError.None || w.Error == MetadataError.NoSuchBucket);
            bool isAnyIn = writes.Any(w => w.Error == MetadataError.None);
            deleted.ShouldBe(isAnyIn ? MetadataError.BucketNotEmpty : MetadataError.None);
            foreach (var (key, write) in keys.Zip(writes))
            {
                var expected = !isAnyIn ? MetadataError.NoSuchBucket
                    : write.Error == MetadataError.None ? MetadataError.None : MetadataError.NoSuchKey;
                (await Store.FindObjectAsync(bucket, key, Token)).Error.ShouldBe(expected);
            }
        }
    }

    [Fact]
    public async Task Of_many_creators_of_a_bucket_one_wins()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
            await Store.CreateBucketAsync("one", $"owner-{i}", "region", 0, MetadataSamples.Time, Token))));

        var winner = results.Single(r => r.Error == MetadataError.None).Bucket;
        results.ShouldAllBe(r => r.Bucket == winner);
    }
}
