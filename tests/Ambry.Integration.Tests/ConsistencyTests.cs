using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>Readers and writers of the same names at once, on real blobs that are reclaimed meanwhile.</summary>
public sealed class ConsistencyTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task Readers_see_one_object_or_another_and_never_a_mix()
    {
        await PutAsync("key", TestContent.Bytes(0, 1000));
        var writers = Task.WhenAll(Enumerable.Range(1, 3).Select(async writer =>
        {
            for (var round = 0; round < 8; round++)
            {
                var size = ((round % 3) * TestContent.Chunk) + (writer * 1000);
                (await PutAsync("key", TestContent.Bytes((writer * 100) + round, size))).Status.ShouldBe(200);
            }
        }));
        var reads = 0;
        while (!writers.IsCompleted || reads < 5)
        {
            var got = await GetAsync("key");
            got.Status.ShouldBe(200);
            got["ETag"].ShouldBe($"\"{TestContent.Md5(got.Body)}\"");
            got["Content-Length"].ShouldBe($"{got.Body.Length}");
            reads++;
        }

        await writers;
    }

    [Fact]
    public async Task A_slow_reader_gets_the_object_that_was_displaced_and_reclaimed_meanwhile()
    {
        // More than the sockets' buffers hold, so that the end is still in the store when its name is gone.
        var large = TestContent.Bytes(5, 12 * TestContent.Chunk);
        await PutAsync("key", large);
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(Client.Sign("GET", $"/{Bucket}/key"), null));
        (await connection.ReceiveHeadAsync()).ShouldStartWith("HTTP/1.1 200");
        await DeleteAsync("key");
        for (var round = 0; round < 100; round++)
        {
            await PutAsync("other", TestContent.Bytes(round, 1000));
        }

        (await connection.ReceiveBodyAsync(large.Length)).AsSpan().SequenceEqual(large).ShouldBeTrue();
        (await GetAsync("key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Copies_and_deletes_at_once_never_take_the_bytes_of_a_name_that_stayed()
    {
        var body = TestContent.Bytes(6, TestContent.Chunk + 100);
        for (var round = 0; round < 6; round++)
        {
            await PutAsync("source", body);
            var copies = Enumerable.Range(0, 4).Select(number => CopyAsync($"/{Bucket}/source", $"copy-{number}"));
            var delete = DeleteAsync("source");
            var answers = await Task.WhenAll(copies);
            (await delete).Status.ShouldBe(204);
            for (var number = 0; number < answers.Length; number++)
            {
                if (answers[number].Status == 200)
                {
                    var got = await GetAsync($"copy-{number}");
                    got.Body.AsSpan().SequenceEqual(body).ShouldBeTrue($"round {round}, copy {number}");
                    await DeleteAsync($"copy-{number}");
                }
                else
                {
                    ShouldBeError(answers[number], 404, "NoSuchKey");
                }
            }
        }

        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_s_history_is_the_same_for_all_who_look()
    {
        for (var round = 0; round < 30; round++)
        {
            await PutAsync("key", TestContent.Text($"{round}"));
            var views = await Task.WhenAll(
                GetAsync("key"), GetAsync("key"), ListAsync(), Client.SendAsync("GET", $"/{Bucket}"));
            views[0].Text.ShouldBe($"{round}");
            views[1].Text.ShouldBe($"{round}");
            views[2].Values("ETag").ShouldBe([views[0]["ETag"]!]);
            views[3].Values("ETag").ShouldBe([views[0]["ETag"]!]);
        }
    }
}
