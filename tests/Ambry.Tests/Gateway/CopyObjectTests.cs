using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class CopyObjectTests : GatewayTest
{
    [Fact]
    public async Task A_copy_has_bytes_metadata_and_checksum_of_its_source()
    {
        var answer = await CopyAsync("/bucket/copy", "bucket/source");
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Xml.Name.LocalName.ShouldBe("CopyObjectResult");
        answer.Value("ETag").ShouldBe("\"5d41402abc4b2a76b9719d911017c592\"");
        answer.Value("LastModified").ShouldBe("2026-11-23T12:00:00.250Z");
        answer.Value("ChecksumCRC32").ShouldBe("NhCmhg==");
        var copy = await World.GetAsync("/bucket/copy", ("x-amz-checksum-mode", "ENABLED"));
        copy.Text.ShouldBe("hello");
        copy["x-amz-meta-a"].ShouldBe("b");
        copy["Content-Type"].ShouldBe("text/plain");
        copy["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_blank_source_writes_nothing(string source)
    {
        await World.PutAsync("/bucket/copy", "precious");
        var answer = await CopyAsync("/bucket/copy", source);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("InvalidArgument");
        answer.Value("Message").ShouldBe(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        (await World.GetAsync("/bucket/copy")).Text.ShouldBe("precious");
    }

    [Fact]
    public async Task Replace_takes_the_metadata_of_the_request()
    {
        var answer = await CopyAsync(
            "/bucket/copy", "/bucket/source", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-new", "n"));
        answer.Status.ShouldBe(200);
        var copy = await World.HeadAsync("/bucket/copy");
        copy["x-amz-meta-new"].ShouldBe("n");
        copy["x-amz-meta-a"].ShouldBeNull();
        copy["Content-Type"].ShouldBe("binary/octet-stream");
    }

    [Fact]
    public async Task A_copy_onto_itself_must_change_something()
    {
        var answer = await CopyAsync("/bucket/source", "bucket/source");
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("InvalidRequest");
        var replaced = await CopyAsync(
            "/bucket/source", "bucket/source", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-c", "d"));
        replaced.Status.ShouldBe(200);
        var source = await World.GetAsync("/bucket/source");
        source.Text.ShouldBe("hello");
        source["x-amz-meta-c"].ShouldBe("d");
    }

    [Fact]
    public async Task Another_checksum_is_computed_from_the_bytes()
    {
        var answer = await CopyAsync("/bucket/copy", "bucket/source", ("x-amz-checksum-algorithm", "SHA256"));
        answer.Value("ChecksumSHA256").ShouldBe("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
        answer.Value("ChecksumCRC32").ShouldBeNull();
        World.Store.OpenReaders.ShouldBe(0);
    }

    [Theory]
    [InlineData("bucket/absent", "NoSuchKey")]
    [InlineData("nowhere/key", "NoSuchBucket")]
    [InlineData("bucketonly", "InvalidArgument")]
    public async Task A_source_that_is_not_there_is_told(string source, string code) =>
        (await CopyAsync("/bucket/copy", source)).Code.ShouldBe(code);

    [Theory]
    [InlineData("x-amz-copy-source-if-match", "\"x\"")]
    [InlineData("x-amz-copy-source-if-none-match", "\"5d41402abc4b2a76b9719d911017c592\"")]
    [InlineData("x-amz-copy-source-if-modified-since", "Mon, 23 Nov 2026 12:00:01 GMT")]
    [InlineData("x-amz-copy-source-if-unmodified-since", "Mon, 23 Nov 2026 11:00:00 GMT")]
    public async Task Conditions_on_the_source_fail_with_412(string name, string value)
    {
        (await CopyAsync("/bucket/copy", "bucket/source", (name, value))).Status.ShouldBe(412);
        (await World.HeadAsync("/bucket/copy")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Conditions_on_the_target_hold_too()
    {
        await World.PutAsync("/bucket/copy", "there");
        (await CopyAsync("/bucket/copy", "bucket/source", ("If-None-Match", "*"))).Status.ShouldBe(412);
        (await World.GetAsync("/bucket/copy")).Text.ShouldBe("there");
    }

    [Fact]
    public async Task An_unknown_directive_is_refused() => (await CopyAsync(
        "/bucket/copy", "bucket/source", ("x-amz-metadata-directive", "MAYBE"))).Code.ShouldBe("InvalidArgument");

    [Fact]
    public async Task A_target_bucket_that_is_not_there_is_told() =>
        (await CopyAsync("/nowhere/copy", "bucket/source")).Code.ShouldBe("NoSuchBucket");

    private protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        await World.PutAsync(
            "/bucket/source",
            "hello",
            ("x-amz-meta-a", "b"),
            ("Content-Type", "text/plain"),
            ("x-amz-checksum-crc32", "NhCmhg=="));
    }

    private Task<Answer> CopyAsync(string path, string source, params (string Name, string Value)[] headers) =>
        World.SendAsync("PUT", path, headers: [("x-amz-copy-source", source), .. headers]);
}
