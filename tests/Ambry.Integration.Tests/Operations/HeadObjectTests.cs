using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class HeadObjectTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=-3")]
    [InlineData("bytes=4194300-4194310")]
    public async Task A_head_is_the_get_without_its_bytes(string range)
    {
        await PutAsync("key", TestContent.Bytes(5, TestContent.Chunk + 100), ("x-amz-meta-a", "b"));
        (string, string)[] headers = range.Length == 0 ? [] : [("Range", range)];
        var get = await GetAsync("key", headers);
        var head = await HeadAsync("key", headers);
        head.Status.ShouldBe(get.Status);
        head.HeaderNames.ShouldBe(get.HeaderNames);
        foreach (var name in (string[])["Content-Length", "Content-Range", "ETag", "Last-Modified", "x-amz-meta-a"])
        {
            head[name].ShouldBe(get[name], name);
        }
    }

    [Theory]
    [InlineData("If-Match", "\"x\"", 412)]
    [InlineData("Range", "bytes=9-", 416)]
    public async Task An_error_is_a_status_alone(string name, string value, int status)
    {
        await PutAsync("key", [1]);
        var head = await HeadAsync("key", (name, value));
        head.Status.ShouldBe(status);
        (head["Content-Length"] ?? "0").ShouldBe("0");
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_its_connection_goes_on()
    {
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        foreach (var path in (string[])[$"/{Bucket}/absent", $"/{Bucket}-absent/key", $"/{Bucket}/absent"])
        {
            await connection.SendAsync(SignedClient.Head(Client.Sign("HEAD", path), null));
            (await connection.ReceiveAsync(isHead: true)).Status.ShouldBe(404);
        }
    }

    [Fact]
    public async Task A_head_follows_every_change_at_once()
    {
        for (var size = 0; size < 20; size++)
        {
            await PutAsync("key", new byte[size]);
            (await HeadAsync("key"))["Content-Length"].ShouldBe($"{size}");
            await DeleteAsync("key");
            (await HeadAsync("key")).Status.ShouldBe(404);
        }
    }
}
