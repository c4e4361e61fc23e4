using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class DeleteTests : GatewayTest
{
    [Fact]
    public async Task A_delete_is_204_whether_the_key_was_there_or_not()
    {
        await World.PutAsync("/bucket/key", "x");
        (await World.SendAsync("DELETE", "/bucket/key")).Status.ShouldBe(204);
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(404);
        (await World.SendAsync("DELETE", "/bucket/key")).Status.ShouldBe(204);
        (await World.SendAsync("DELETE", "/nowhere/key")).Code.ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task If_match_guards_a_delete()
    {
        var etag = (await World.PutAsync("/bucket/key", "x"))["ETag"]!;
        (await World.SendAsync("DELETE", "/bucket/key", headers: [("If-Match", "\"0\"")])).Status.ShouldBe(412);
        (await World.SendAsync("DELETE", "/bucket/key", headers: [("If-Match", etag)])).Status.ShouldBe(204);
        (await World.SendAsync("DELETE", "/bucket/key", headers: [("If-Match", etag)])).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_bulk_delete_answers_key_by_key()
    {
        var etag = (await World.PutAsync("/bucket/a", "x"))["ETag"]!;
        await World.PutAsync("/bucket/b", "x");
        await World.PutAsync("/bucket/c & d", "x");
        var answer = await BulkAsync(
            $"""
            <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Object><Key>a</Key><ETag>"0"</ETag></Object>
              <Object><Key>b</Key></Object>
              <Object><Key>c &amp; d</Key><ETag>{etag}</ETag></Object>
              <Object><Key>absent</Key></Object>
              <Object><Key>b</Key><VersionId>made-up</VersionId></Object>
            </Delete>
            """);
        answer.Status.ShouldBe(200, answer.ToString());
        Keys(answer, "Deleted").ShouldBe(["b", "c & d", "absent"]);
        Keys(answer, "Error").ShouldBe(["a", "b"]);
        answer.Values("Code").ShouldBe(["PreconditionFailed", "NoSuchVersion"]);
        (await World.HeadAsync("/bucket/a")).Status.ShouldBe(200);
        (await World.HeadAsync("/bucket/c & d")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("<Size>1</Size>")]
    [InlineData("<LastModifiedTime>Mon, 23 Nov 2026 12:00:00 GMT</LastModifiedTime>")]
    [InlineData("<Size/>")]
    public async Task A_condition_that_is_not_built_spares_its_key(string condition)
    {
        await World.PutAsync("/bucket/a", "x");
        await World.PutAsync("/bucket/b", "x");
        var answer = await BulkAsync(
            $"<Delete><Object><Key>a</Key>{condition}</Object><Object><Key>b</Key></Object></Delete>");
        Keys(answer, "Deleted").ShouldBe(["b"]);
        Keys(answer, "Error").ShouldBe(["a"]);
        answer.Value("Code").ShouldBe("NotImplemented");
        (await World.HeadAsync("/bucket/a")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task If_none_match_deletes_nothing()
    {
        await World.PutAsync("/bucket/key", "x");
        var answer = await World.SendAsync("DELETE", "/bucket/key", headers: [("If-None-Match", "*")]);
        answer.Code.ShouldBe("NotImplemented");
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_quiet_bulk_delete_tells_only_errors()
    {
        await World.PutAsync("/bucket/a", "x");
        var answer = await BulkAsync("<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");
        answer.Status.ShouldBe(200);
        answer.Xml.HasElements.ShouldBeFalse();
        (await World.HeadAsync("/bucket/a")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("<Delete></Delete>")]
    [InlineData("<Delete><Object></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e \"e\">]><Delete><Object><Key>&e;</Key></Object></Delete>")]
    public async Task A_malformed_document_deletes_nothing(string xml)
    {
        await World.PutAsync("/bucket/a", "x");
        (await BulkAsync(xml)).Code.ShouldBe("MalformedXML");
        (await World.HeadAsync("/bucket/a")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_thousand_keys_are_the_most()
    {
        (await BulkAsync(Document(1000))).Values("Deleted").Count.ShouldBe(1000);
        (await BulkAsync(Document(1001))).Code.ShouldBe("MalformedXML");
    }

    [Fact]
    public async Task A_key_that_is_too_long_fails_alone()
    {
        var answer = await BulkAsync(
            $"<Delete><Object><Key>{new string('k', 1025)}</Key></Object><Object><Key>k</Key></Object></Delete>");
        answer.Values("Code").ShouldBe(["KeyTooLongError"]);
        Keys(answer, "Deleted").ShouldBe(["k"]);
    }

    private static string Document(int count) => "<Delete>"
        + string.Concat(Enumerable.Range(0, count).Select(index => $"<Object><Key>k{index}</Key></Object>"))
        + "</Delete>";

    private static List<string> Keys(Answer answer, string name) => answer.Xml.Elements()
        .Where(item => item.Name.LocalName == name)
        .Select(item => item.Elements().Single(child => child.Name.LocalName == "Key").Value)
        .ToList();

    private Task<Answer> BulkAsync(string xml)
    {
        var body = Encoding.UTF8.GetBytes(xml);
        var md5 = Convert.ToBase64String(MD5.HashData(body));
        return World.SendAsync("POST", "/bucket", [("delete", "")], [("Content-MD5", md5)], body);
    }
}
