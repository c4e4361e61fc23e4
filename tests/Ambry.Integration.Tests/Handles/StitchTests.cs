using System.Text;
using System.Text.Json;
using Ambry.Host.Handles;
using Ambry.Protocol;
using Ambry.Testing.Peers;

namespace Ambry.Integration.Tests.Handles;

public sealed class StitchTests : HandleTest
{
    private const int ChunkSize = HandleCluster.ChunkBytes + 10;

    [Fact]
    public async Task Chunks_become_one_blob_that_outlives_them()
    {
        string[] chunks = [await ChunkAsync(1), await ChunkAsync(2), await ChunkAsync(3, size: 7)];
        var stitched = await StitchAsync(chunks, ("x-ambry-um-a", "b"), ("x-ambry-session", "one"));
        stitched.Status.ShouldBe(201, stitched.Text);
        stitched["x-ambry-blob-size"].ShouldBe(((2 * ChunkSize) + 7).ToString());
        World.Cluster.Time.Advance(TimeSpan.FromDays(100));
        var answer = await World.GetAsync(stitched["Location"]!);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Body.ShouldBe(
            [.. HandleWorld.Bytes(ChunkSize, 1), .. HandleWorld.Bytes(ChunkSize, 2), .. HandleWorld.Bytes(7, 3)]);
        answer["x-ambry-um-a"].ShouldBe("b");
        answer["x-ambry-ttl"].ShouldBe("-1");
    }

    [Fact]
    public async Task A_stitched_blob_with_a_short_life_ends_with_it()
    {
        var stitched = await StitchAsync([await ChunkAsync(1), await ChunkAsync(2)], ("x-ambry-ttl", "3600"));
        stitched.Status.ShouldBe(201, stitched.Text);
        (await World.GetAsync(stitched["Location"]!))["x-ambry-ttl"].ShouldBe("3600");
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(3600));
        (await World.GetAsync(stitched["Location"]!)).ShouldFail(410, "Expired");
    }

    [Fact]
    public async Task A_chunk_can_be_read_by_its_signed_id_until_it_expires()
    {
        string chunk = await ChunkAsync(1);
        chunk.ShouldStartWith("/signedId/");
        (await World.GetAsync(chunk)).Body.ShouldBe(HandleWorld.Bytes(ChunkSize, 1));
        (await World.GetAsync(chunk + "/BlobInfo"))["x-ambry-ttl"].ShouldBe("2419200");
        World.Cluster.Time.Advance(TimeSpan.FromDays(28));
        (await World.GetAsync(chunk)).ShouldFail(410, "Expired");
        (await StitchAsync([chunk])).ShouldFail(410, "Expired");
    }

    [Fact]
    public async Task A_stitch_that_failed_leaves_what_expires_by_itself_and_can_be_repeated()
    {
        string chunk = await ChunkAsync(1);
        int blobs = World.Cluster.Peers.LiveBlobs.Count;
        World.Fault = call => call.Operation == PeerOperation.UpdateTtl ? PeerError.Unreachable : null;
        (await StitchAsync([chunk])).ShouldFail(503, "ServiceUnavailable");
        World.Fault = null;
        World.Cluster.Peers.LiveBlobs.Count.ShouldBe(blobs);
        foreach (var id in World.Cluster.Peers.LiveBlobs)
        {
            World.Cluster.Peers.Find(id)!.Properties.ExpiresAt.ShouldNotBeNull();
        }

        var again = await StitchAsync([chunk]);
        again.Status.ShouldBe(201, again.Text);
        World.Cluster.Time.Advance(TimeSpan.FromDays(100));
        (await World.GetAsync(again["Location"]!)).Body.ShouldBe(HandleWorld.Bytes(ChunkSize, 1));
    }

    [Fact]
    public async Task A_chunk_that_was_not_signed_here_is_refused()
    {
        string chunk = await ChunkAsync(1);
        string signed = chunk["/signedId/".Length..];
        for (int i = 0; i < signed.Length; i++)
        {
            string changed = signed[..i] + (signed[i] == 'A' ? 'B' : 'A') + signed[(i + 1)..];
            var answer = await StitchAsync([changed]);
            answer.Status.ShouldBe(403, $"character {i}");
        }

        var keys = new HandleKeys(HandleWorld.Key);
        var own = SignedChunk.TryVerify(signed, keys).ShouldNotBeNull();
        (await StitchAsync([own.Sign(new HandleKeys(HandleWorld.Key + "2"))])).ShouldFail(403, "AccessDenied");
        (await StitchAsync([own.Id.ToString()])).ShouldFail(403, "AccessDenied");
        (await StitchAsync([new string('A', 100_000)])).ShouldFail(403, "AccessDenied");
        (await StitchAsync([own.Sign(keys)])).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Chunks_of_two_sessions_are_not_put_together()
    {
        string[] chunks = [await ChunkAsync(1), await ChunkAsync(2, session: "two")];
        (await StitchAsync(chunks)).ShouldFail(400, "BadRequest");
        (await StitchAsync(chunks[..1], ("x-ambry-session", "two"))).ShouldFail(400, "BadRequest");
    }

    [Fact]
    public async Task Chunks_of_another_container_are_not_put_together() =>
        (await StitchAsync(
            [await ChunkAsync(1)],
            ("x-ambry-target-account-name", "photos"),
            ("x-ambry-target-container-name", "plain")))
        .ShouldFail(400, "BadRequest");

    [Fact]
    public async Task Only_the_last_chunk_may_be_smaller()
    {
        string small = await ChunkAsync(1, size: 5);
        string large = await ChunkAsync(2, size: 6);
        (await StitchAsync([small, large])).ShouldFail(400, "BadRequest");
        (await StitchAsync([large, small, large])).ShouldFail(400, "BadRequest");
        (await StitchAsync([large, small])).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_chunk_listed_twice_is_refused()
    {
        string chunk = await ChunkAsync(1);
        (await StitchAsync([chunk, chunk])).ShouldFail(400, "BadRequest");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"signedChunkIds\": []}")]
    [InlineData("{\"signedChunkIds\": [null]}")]
    [InlineData("{\"signedChunkIds\": [1]}")]
    [InlineData("{\"signedChunkIds\": [[[[[[]]]]]]}")]
    [InlineData("{\"signedChunkIds\": [\"a\"], \"more\": 1}")]
    [InlineData("{\"signedChunkIds\": [\"a\"")]
    public async Task A_document_that_is_no_list_is_refused(string document) =>
        (await World.SendAsync("POST", "/stitch", Encoding.UTF8.GetBytes(document), HandleWorld.Required()))
        .ShouldFail(400, "BadRequest");

    [Fact]
    public async Task A_list_that_is_too_long_is_refused()
    {
        await using var world = await HandleWorld.StartAsync(
            options => options with { StitchDocumentBytesMax = 1000, StitchChunksMax = 2 });
        (await world.SendAsync("POST", "/stitch", new byte[1001], HandleWorld.Required())).ShouldFail(413, "TooLarge");
        byte[] three = Encoding.UTF8.GetBytes("{\"signedChunkIds\": [\"a\", \"b\", \"c\"]}");
        (await world.SendAsync("POST", "/stitch", three, HandleWorld.Required())).ShouldFail(400, "BadRequest");
    }

    [Theory]
    [InlineData("2419201")]
    [InlineData("99999999")]
    public async Task A_chunk_does_not_live_longer_than_chunks_do(string ttl) =>
        (await World.PostAsync([1], [.. Chunk("one"), ("x-ambry-ttl", ttl)])).ShouldFail(400, "InvalidArguments");

    [Fact]
    public async Task A_stitched_blob_is_no_chunk() =>
        (await StitchAsync([await ChunkAsync(1)], Chunk("one"))).ShouldFail(400, "InvalidArguments");

    [Fact]
    public async Task A_deleted_stitched_blob_takes_its_chunks_along()
    {
        var stitched = await StitchAsync([await ChunkAsync(1), await ChunkAsync(2)]);
        (await World.SendAsync("DELETE", stitched["Location"]!)).Status.ShouldBe(202);
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
    }

    private static (string, string)[] Chunk(string session) =>
        [("x-ambry-chunk-upload", "true"), ("x-ambry-session", session)];

    private Task<string> ChunkAsync(int seed, int size = ChunkSize, string session = "one") =>
        World.StoreAsync(HandleWorld.Bytes(size, seed), Chunk(session));

    private Task<HandleAnswer> StitchAsync(string[] chunks, params (string, string)[] headers)
    {
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, string[]> { ["signedChunkIds"] = chunks });
        return World.SendAsync("POST", "/stitch", document, HandleWorld.Required(headers));
    }
}
