using System.Security;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class DeleteObjectsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_thousand_keys_go_in_one_request()
    {
        var keys = Enumerable.Range(0, 1000).Select(number => $"dir/{number:d4}").ToList();
        await Parallel.ForEachAsync(
            keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, _) => await PutAsync(key, [1]));
        await PutAsync("stays", [1]);
        (await KeysAsync(pageSize: 300)).Count.ShouldBe(1001);
        var deleted = await DeleteAsync(keys, quiet: false);
        deleted.Status.ShouldBe(200, deleted.Text);
        deleted.Xml.Name.LocalName.ShouldBe("DeleteResult");
        deleted.ChildNames.ShouldBe("Deleted");
        deleted.Values("Key").ShouldBe(keys);
        (await KeysAsync()).ShouldBe(["stays"]);
    }

    [Fact]
    public async Task Each_key_has_its_own_outcome()
    {
        await PutAsync("there", [1]);
        await PutAsync("kept", [1]);
        var tag = (await PutAsync("by tag", [2]))["ETag"]!;
        var answer = await SendAsync(
            "<Delete><Object><Key>there</Key></Object><Object><Key>absent</Key></Object>"
            + $"<Object><Key>by tag</Key><ETag>{SecurityElement.Escape(tag)}</ETag></Object>"
            + "<Object><Key>kept</Key><ETag>other</ETag></Object>"
            + $"<Object><Key>{new string('k', 1025)}</Key></Object></Delete>");
        answer.Status.ShouldBe(200, answer.Text);
        var outcomes = answer.Xml.Elements().Select(item => $"{item.Name.LocalName} "
            + (item.Elements().SingleOrDefault(child => child.Name.LocalName == "Code")?.Value ?? "-")).ToList();
        outcomes.ShouldBe(["Deleted -", "Deleted -", "Deleted -", "Error PreconditionFailed", "Error KeyTooLongError"]);
        (await KeysAsync()).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task A_quiet_answer_holds_errors_alone()
    {
        await PutAsync("a", [1]);
        var answer = await DeleteAsync(["a", "b"], quiet: true);
        answer.Status.ShouldBe(200);
        answer.Xml.Elements().ShouldBeEmpty();
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a&b<c>\"d'")]
    [InlineData(" leading and trailing ")]
    [InlineData("new\nline\ttab")]
    [InlineData("\U0001f600/\u00fc/e\u0301")]
    public async Task A_key_of_any_characters_is_the_one_that_goes(string key)
    {
        (await PutAsync(key, [1])).Status.ShouldBe(200);
        await PutAsync(key.Trim() + "x", [1]);
        var deleted = await DeleteAsync([key], quiet: false);
        deleted.Status.ShouldBe(200, deleted.Text);
        deleted.Values("Key").ShouldBe([key]);
        (await GetAsync(key)).Status.ShouldBe(404);
        (await GetAsync(key.Trim() + "x")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_document_that_is_refused_deletes_nothing()
    {
        await PutAsync("a", [1]);
        var tooMany = Enumerable.Repeat("a", 1001).ToList();
        ShouldBeError(await DeleteAsync(tooMany, quiet: false), 400, "MalformedXML");
        ShouldBeError(await SendAsync("<Delete></Delete>"), 400, "MalformedXML");
        ShouldBeError(await SendAsync("<Delete><Object><Key>a</Key></Object>"), 400, "MalformedXML");
        ShouldBeError(await SendAsync(""), 400, "MalformedXML");
        (await KeysAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_an_error_of_the_whole()
    {
        var body = TestContent.Text("<Delete><Object><Key>a</Key></Object></Delete>");
        ShouldBeError(
            await Client.SendAsync(
                "POST",
                $"/{Bucket}-absent",
                [("delete", "")],
                [("Content-MD5", TestContent.Md5Base64(body))],
                body),
            404,
            "NoSuchBucket");
    }

    private Task<RawResponse> DeleteAsync(IReadOnlyList<string> keys, bool quiet) => SendAsync(
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        + $"<Quiet>{(quiet ? "true" : "false")}</Quiet>"
        + string.Concat(keys.Select(key =>
            $"<Object><Key>{SecurityElement.Escape(key).Replace("\n", "&#10;").Replace("\t", "&#9;")}</Key></Object>"))
        + "</Delete>");

    private Task<RawResponse> SendAsync(string document)
    {
        var body = TestContent.Text(document);
        return Client.SendAsync(
            "POST", $"/{Bucket}", [("delete", "")], [("Content-MD5", TestContent.Md5Base64(body))], body);
    }
}
