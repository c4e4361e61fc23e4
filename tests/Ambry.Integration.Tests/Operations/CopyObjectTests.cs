using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class CopyObjectTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(TestContent.Chunk)]
    [InlineData((2 * TestContent.Chunk) + 1)]
    public async Task A_copy_outlives_its_source(int size)
    {
        var body = TestContent.Bytes(size, size);
        var put = await PutAsync("source", body, ("Content-Type", "text/x"), ("x-amz-meta-a", "b"));
        var copied = await CopyAsync($"/{Bucket}/source", "copy");
        copied.Status.ShouldBe(200, copied.Text);
        copied.Xml.Name.LocalName.ShouldBe("CopyObjectResult");
        copied.ChildNames.ShouldBe("LastModified ETag");
        copied.Values("ETag").ShouldBe([put["ETag"]!]);
        await DeleteAsync("source");
        var got = await GetAsync("copy");
        got.Body.AsSpan().SequenceEqual(body).ShouldBeTrue();
        got["ETag"].ShouldBe(put["ETag"]);
        got["Content-Type"].ShouldBe("text/x");
        got["x-amz-meta-a"].ShouldBe("b");
        (await KeysAsync()).ShouldBe(["copy"]);
    }

    [Fact]
    public async Task A_chain_of_copies_loses_its_links_in_any_order()
    {
        var body = TestContent.Bytes(3, TestContent.Chunk + 7);
        await PutAsync("0", body);
        for (var number = 0; number < 5; number++)
        {
            (await CopyAsync($"{Bucket}/{number}", $"{number + 1}")).Status.ShouldBe(200);
        }

        foreach (var key in (string[])["2", "0", "5", "1", "4"])
        {
            await DeleteAsync(key);
            (await GetAsync("3")).Body.AsSpan().SequenceEqual(body).ShouldBeTrue($"after {key} went");
        }

        await PutAsync("3", TestContent.Text("overwritten"));
        (await GetAsync("3")).Text.ShouldBe("overwritten");
    }

    [Fact]
    public async Task A_copy_stays_when_its_source_is_overwritten_and_the_other_way_round()
    {
        await PutAsync("source", TestContent.Text("one"));
        await CopyAsync($"/{Bucket}/source", "copy");
        await PutAsync("source", TestContent.Text("two"));
        (await GetAsync("copy")).Text.ShouldBe("one");
        await PutAsync("copy", TestContent.Text("three"));
        (await GetAsync("source")).Text.ShouldBe("two");
        await CopyAsync($"/{Bucket}/source", "copy");
        (await GetAsync("copy")).Text.ShouldBe("two");
    }

    [Fact]
    public async Task A_copy_outlives_the_bucket_of_its_source()
    {
        var other = await Fixture.NewBucketAsync();
        await Client.SendAsync("PUT", $"/{other}/key", body: TestContent.Text("travels"));
        (await CopyAsync($"/{other}/key", "copy")).Status.ShouldBe(200);
        await Client.SendAsync("DELETE", $"/{other}/key");
        (await Client.SendAsync("DELETE", $"/{other}")).Status.ShouldBe(204);
        (await GetAsync("copy")).Text.ShouldBe("travels");
    }

    [Fact]
    public async Task Replaced_metadata_is_the_copy_s_alone()
    {
        await PutAsync("source", [1], ("Content-Type", "text/a"), ("x-amz-meta-a", "1"));
        (await CopyAsync(
            $"/{Bucket}/source",
            "copy",
            ("x-amz-metadata-directive", "REPLACE"),
            ("Content-Type", "text/b"),
            ("x-amz-meta-b", "2"))).Status.ShouldBe(200);
        var copy = await HeadAsync("copy");
        copy["Content-Type"].ShouldBe("text/b");
        copy["x-amz-meta-a"].ShouldBeNull();
        copy["x-amz-meta-b"].ShouldBe("2");
        (await HeadAsync("source"))["x-amz-meta-a"].ShouldBe("1");
    }

    [Fact]
    public async Task Metadata_is_replaced_in_place_and_the_bytes_stay()
    {
        var body = TestContent.Bytes(4, TestContent.Chunk + 1);
        await PutAsync("key", body, ("x-amz-meta-a", "1"));
        ShouldBeError(await CopyAsync($"/{Bucket}/key", "key"), 400, "InvalidRequest");
        for (var round = 2; round < 6; round++)
        {
            (await CopyAsync(
                $"/{Bucket}/key", "key", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-a", $"{round}")))
                .Status.ShouldBe(200);
            var got = await GetAsync("key");
            got["x-amz-meta-a"].ShouldBe($"{round}");
            got.Body.AsSpan().SequenceEqual(body).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_copy_of_a_multipart_object_has_its_bytes_and_one_tag_everywhere()
    {
        var parts = new[] { TestContent.Bytes(1, TestContent.SmallestPart), TestContent.Bytes(2, 1000) };
        await PutMultipartAsync("source", parts);
        var copied = await CopyAsync($"/{Bucket}/source", "copy");
        copied.Status.ShouldBe(200, copied.Text);
        await DeleteAsync("source");
        var got = await GetAsync("copy");
        got.Body.AsSpan().SequenceEqual(TestContent.Join(parts)).ShouldBeTrue();
        copied.Values("ETag").ShouldBe([got["ETag"]!]);
        (await ListAsync()).Values("ETag").ShouldBe([got["ETag"]!]);
        (await HeadAsync("copy"))["ETag"].ShouldBe(got["ETag"]);
    }

    [Fact]
    public async Task Another_checksum_is_computed_from_the_stored_bytes()
    {
        var body = TestContent.Bytes(8, (2 * TestContent.Chunk) + 9);
        await PutAsync("source", body, ("x-amz-checksum-sha256", TestContent.Sha256Base64(body)));
        var kept = await CopyAsync($"/{Bucket}/source", "kept");
        kept.Values("ChecksumSHA256").ShouldBe([TestContent.Sha256Base64(body)]);
        var changed = await CopyAsync($"/{Bucket}/source", "changed", ("x-amz-checksum-algorithm", "CRC64NVME"));
        changed.Values("ChecksumCRC64NVME").ShouldBe([TestContent.Crc64Nvme(body)]);
        var head = await HeadAsync("changed", ("x-amz-checksum-mode", "ENABLED"));
        head["x-amz-checksum-crc64nvme"].ShouldBe(TestContent.Crc64Nvme(body));
        head["x-amz-checksum-sha256"].ShouldBeNull();
    }

    [Fact]
    public async Task Conditions_guard_both_ends()
    {
        var tag = (await PutAsync("source", [1]))["ETag"]!;
        await PutAsync("target", [2]);
        var source = $"/{Bucket}/source";
        ShouldBeError(
            await CopyAsync(source, "new", ("x-amz-copy-source-if-match", "\"x\"")), 412, "PreconditionFailed");
        ShouldBeError(
            await CopyAsync(source, "new", ("x-amz-copy-source-if-none-match", tag)), 412, "PreconditionFailed");
        ShouldBeError(await CopyAsync(source, "target", ("If-None-Match", "*")), 412, "PreconditionFailed");
        ShouldBeError(await CopyAsync(source, "new", ("If-Match", "\"x\"")), 404, "NoSuchKey");
        (await GetAsync("target")).Body.ShouldBe([2]);
        (await GetAsync("new")).Status.ShouldBe(404);
        (await CopyAsync(source, "new", ("If-None-Match", "*"), ("x-amz-copy-source-if-match", tag)))
            .Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("a b+c%d/\u00fc")]
    [InlineData("trailing/")]
    [InlineData("//twice//")]
    public async Task A_source_is_named_as_it_is(string key)
    {
        await PutAsync(key, TestContent.Text("named"));
        var escaped = $"/{Bucket}/{Uri.EscapeDataString(key).Replace("%2F", "/")}";
        (await CopyAsync(escaped, "copy")).Status.ShouldBe(200);
        (await GetAsync("copy")).Text.ShouldBe("named");
    }

    [Theory]
    [InlineData("", 400, "InvalidArgument")]
    [InlineData("only-a-bucket", 400, "InvalidArgument")]
    [InlineData("/no-such-bucket-here/key", 404, "NoSuchBucket")]
    [InlineData("/BUCKET/absent", 404, "NoSuchKey")]
    [InlineData("/BUCKET/absent?versionId=x", 404, "NoSuchVersion")]
    [InlineData("/BUCKET/%zz", 400, "InvalidArgument")]
    public async Task A_source_that_is_not_there_copies_nothing(string source, int status, string code)
    {
        // An empty source header is no copy at all but a PutObject, so it is sent as a lone slash.
        var named = source.Length == 0 ? "/" : source.Replace("BUCKET", Bucket, StringComparison.Ordinal);
        ShouldBeError(await CopyAsync(named, "copy"), status, code);
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_target_bucket_is_told()
    {
        await PutAsync("source", [1]);
        ShouldBeError(
            await Client.SendAsync(
                "PUT", $"/{Bucket}-absent/copy", headers: [("x-amz-copy-source", $"/{Bucket}/source")]),
            404,
            "NoSuchBucket");
    }
}
