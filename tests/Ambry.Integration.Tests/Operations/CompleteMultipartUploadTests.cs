using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class CompleteMultipartUploadTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private static readonly byte[] First = TestContent.Bytes(1, TestContent.SmallestPart);
    private static readonly byte[] Second = TestContent.Bytes(2, TestContent.SmallestPart + 77);
    private static readonly byte[] Last = TestContent.Bytes(3, 1000);

    [Fact]
    public async Task Parts_become_one_object_with_one_tag_everywhere()
    {
        var tag = $"\"{TestContent.MultipartTag(First, Second, Last)}\"";
        var whole = TestContent.Join(First, Second, Last);
        var completed = await PutMultipartAsync("dir/key", First, Second, Last);
        completed.Xml.Name.LocalName.ShouldBe("CompleteMultipartUploadResult");
        completed.ChildNames.ShouldBe("Location Bucket Key ETag");
        completed.Element("Location").ShouldBe($"http://{Client.Host}/{Bucket}/dir/key");
        completed.Values("ETag").ShouldBe([tag]);
        var got = await GetAsync("dir/key");
        got["ETag"].ShouldBe(tag);
        got.Body.AsSpan().SequenceEqual(whole).ShouldBeTrue();
        (await HeadAsync("dir/key"))["ETag"].ShouldBe(tag);
        var listed = await ListAsync();
        listed.Values("ETag").ShouldBe([tag]);
        listed.Values("Size").ShouldBe([$"{whole.Length}"]);
    }

    [Fact]
    public async Task Ranges_cross_parts_and_chunks()
    {
        await PutMultipartAsync("key", First, Second, Last);
        var whole = TestContent.Join(First, Second, Last);
        int[] seams = [TestContent.Chunk, First.Length, First.Length + TestContent.Chunk, First.Length + Second.Length];
        foreach (var seam in seams)
        {
            foreach (var (first, last) in ((int, int)[])[(seam - 1, seam), (seam, seam), (seam - 5000, seam + 900)])
            {
                var got = await GetAsync("key", ("Range", $"bytes={first}-{last}"));
                got["Content-Range"].ShouldBe($"bytes {first}-{last}/{whole.Length}");
                got.Body.AsSpan().SequenceEqual(whole.AsSpan(first..(last + 1))).ShouldBeTrue($"{first}-{last}");
            }
        }
    }

    [Fact]
    public async Task A_part_is_read_by_its_place()
    {
        var uploadId = await CreateUploadAsync("key");
        var tags = new List<string>();
        foreach (var (number, body) in ((int, byte[])[])[(5, First), (70, Second), (1000, Last)])
        {
            tags.Add((await PutPartAsync("key", uploadId, number, body))["ETag"]!);
        }

        await CompleteAsync("key", uploadId, Document((5, tags[0], ""), (70, tags[1], ""), (1000, tags[2], "")));
        var second = await Client.SendAsync("GET", $"/{Bucket}/key", [("partNumber", "2")]);
        second.Status.ShouldBe(206);
        second["x-amz-mp-parts-count"].ShouldBe("3");
        second["Content-Range"].ShouldBe(
            $"bytes {First.Length}-{First.Length + Second.Length - 1}/{First.Length + Second.Length + Last.Length}");
        second.Body.AsSpan().SequenceEqual(Second).ShouldBeTrue();
        var head = await Client.SendAsync("HEAD", $"/{Bucket}/key", [("partNumber", "3")]);
        head.Status.ShouldBe(206);
        head["Content-Length"].ShouldBe($"{Last.Length}");
        ShouldBeError(
            await Client.SendAsync("GET", $"/{Bucket}/key", [("partNumber", "4")]), 416, "InvalidPartNumber");
    }

    [Fact]
    public async Task Parts_that_are_left_out_are_left_out()
    {
        var uploadId = await CreateUploadAsync("key");
        var tags = new List<string>();
        foreach (var body in (byte[][])[First, Second, Last])
        {
            tags.Add((await PutPartAsync("key", uploadId, tags.Count + 1, body))["ETag"]!);
        }

        (await CompleteAsync("key", uploadId, Document((1, tags[0], ""), (3, tags[2], "")))).Status.ShouldBe(200);
        var got = await GetAsync("key");
        got.Body.AsSpan().SequenceEqual(TestContent.Join(First, Last)).ShouldBeTrue();
        got["ETag"].ShouldBe($"\"{TestContent.MultipartTag(First, Last)}\"");
    }

    [Fact]
    public async Task A_complete_that_is_sent_again_is_answered_again()
    {
        var uploadId = await CreateUploadAsync("key");
        var part = await PutPartAsync("key", uploadId, 1, Last);
        var document = Document((1, part["ETag"]!, ""));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => CompleteAsync("key", uploadId, document)));
        answers.ShouldAllBe(answer => answer.Status == 200);
        var again = await CompleteAsync("key", uploadId, document);
        again.Status.ShouldBe(200);
        again.Values("ETag").ShouldBe(answers[0].Values("ETag"));
        (await KeysAsync()).ShouldBe(["key"]);
        await PutAsync("key", [1]);
        ShouldBeError(await CompleteAsync("key", uploadId, document), 404, "NoSuchUpload");
        (await GetAsync("key")).Body.ShouldBe([1]);
    }

    [Fact]
    public async Task What_is_wrong_with_the_parts_leaves_the_upload_open()
    {
        var uploadId = await CreateUploadAsync("key");
        var small = (await PutPartAsync("key", uploadId, 1, Last))["ETag"]!;
        var second = (await PutPartAsync("key", uploadId, 2, Second))["ETag"]!;
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((1, small, ""), (2, second, ""))), 400, "EntityTooSmall");
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((2, second, ""), (1, small, ""))), 400, "InvalidPartOrder");
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((2, second, ""), (2, second, ""))), 400, "InvalidPartOrder");
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((2, second, ""), (3, second, ""))), 400, "InvalidPart");
        ShouldBeError(await CompleteAsync("key", uploadId, Document((2, small, ""))), 400, "InvalidPart");
        ShouldBeError(await CompleteAsync("key", uploadId, Document()), 400, "MalformedXML");
        ShouldBeError(await CompleteAsync("key", uploadId, "<Complete"), 400, "MalformedXML");
        ShouldBeError(await CompleteAsync("key", "made-up", Document((2, second, ""))), 404, "NoSuchUpload");
        (await GetAsync("key")).Status.ShouldBe(404);
        (await CompleteAsync("key", uploadId, Document((2, second, "")))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Conditions_hold_when_the_name_is_committed()
    {
        var uploadId = await CreateUploadAsync("key");
        var part = (await PutPartAsync("key", uploadId, 1, Last))["ETag"]!;
        var document = Document((1, part, ""));
        await PutAsync("key", [1]);
        ShouldBeError(
            await CompleteAsync("key", uploadId, document, ("If-None-Match", "*")), 412, "PreconditionFailed");
        ShouldBeError(
            await CompleteAsync("key", uploadId, document, ("If-Match", "\"x\"")), 412, "PreconditionFailed");
        (await GetAsync("key")).Body.ShouldBe([1]);
        await DeleteAsync("key");
        (await CompleteAsync("key", uploadId, document, ("If-None-Match", "*"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_announced_size_is_compared()
    {
        var uploadId = await CreateUploadAsync("key");
        var document = Document((1, (await PutPartAsync("key", uploadId, 1, Last))["ETag"]!, ""));
        ShouldBeError(
            await CompleteAsync("key", uploadId, document, ("x-amz-mp-object-size", "999")), 400, "InvalidRequest");
        (await CompleteAsync("key", uploadId, document, ("x-amz-mp-object-size", "1000"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_object_of_an_empty_part_is_empty()
    {
        byte[] nothing = [];
        await PutMultipartAsync("key", nothing);
        var got = await GetAsync("key");
        got.Status.ShouldBe(200);
        got.Body.ShouldBeEmpty();
        got["ETag"].ShouldBe($"\"{TestContent.MultipartTag(nothing)}\"");
    }

    [Fact]
    public async Task An_object_of_parts_is_deleted_and_overwritten_like_any_other()
    {
        await PutMultipartAsync("key", First, Last);
        await PutMultipartAsync("key", Second, Last);
        (await GetAsync("key")).Body.AsSpan().SequenceEqual(TestContent.Join(Second, Last)).ShouldBeTrue();
        await PutAsync("key", [1]);
        (await GetAsync("key")).Body.ShouldBe([1]);
        await PutMultipartAsync("key", First);
        await DeleteAsync("key");
        (await GetAsync("key")).Status.ShouldBe(404);
    }
}
