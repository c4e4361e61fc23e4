using System.Globalization;
using Ambry.Integration.Tests.Support;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;

namespace Ambry.Integration.Tests.Handles;

public sealed class ReadTests : HandleTest
{
    private const int Size = (2 * HandleCluster.ChunkBytes) + 100;

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=4000-8200", 4000, 4201)]
    [InlineData("bytes=8000-", 8000, Size - 8000)]
    [InlineData("bytes=-5", Size - 5, 5)]
    [InlineData("bytes=100-99999999", 100, Size - 100)]
    public async Task A_range_comes_as_partial_content(string range, int offset, int length)
    {
        byte[] content = HandleWorld.Bytes(Size);
        string path = await World.StoreAsync(content);
        var answer = await World.GetAsync(path, ("Range", range));
        answer.Status.ShouldBe(206);
        answer["Content-Range"].ShouldBe($"bytes {offset}-{offset + length - 1}/{Size}");
        answer["Content-Length"].ShouldBe(length.ToString(CultureInfo.InvariantCulture));
        answer.Body.ShouldBe(content[offset..(offset + length)]);
        var head = await World.SendAsync("HEAD", path, null, ("Range", range));
        head.Status.ShouldBe(206);
        head["Content-Length"].ShouldBe(length.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("bytes=100000-")]
    [InlineData("bytes=-0")]
    public async Task A_range_behind_the_end_is_not_satisfiable(string range)
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(Size));
        var answer = await World.GetAsync(path, ("Range", range));
        answer.ShouldFail(416, "RangeNotSatisfiable");
        answer["Content-Range"].ShouldBe($"bytes */{Size}");
    }

    [Theory]
    [InlineData("lines=1-2")]
    [InlineData("bytes=2-1")]
    public async Task A_range_that_is_none_is_ignored(string range)
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(Size));
        var answer = await World.GetAsync(path, ("Range", range));
        answer.Status.ShouldBe(200);
        answer.Body.Length.ShouldBe(Size);
    }

    [Fact]
    public async Task A_resumed_read_counts_only_for_the_same_time()
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(Size));
        (await World.GetAsync(path, ("Range", "bytes=0-9"), ("If-Range", "Mon, 23 Nov 2026 12:00:00 GMT")))
            .Status.ShouldBe(206);
        (await World.GetAsync(path, ("Range", "bytes=0-9"), ("If-Range", "Mon, 23 Nov 2026 12:00:01 GMT")))
            .Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("Mon, 23 Nov 2026 11:59:59 GMT", 200)]
    [InlineData("Mon, 23 Nov 2026 12:00:00 GMT", 304)]
    [InlineData("Mon, 23 Nov 2026 12:00:01 GMT", 304)]
    [InlineData("yesterday", 200)]
    public async Task A_cached_copy_is_confirmed_by_its_time(string since, int status)
    {
        string path = await World.StoreAsync([1, 2, 3]);
        foreach (string method in (string[])["GET", "HEAD"])
        {
            var answer = await World.SendAsync(method, path, null, ("If-Modified-Since", since));
            answer.Status.ShouldBe(status);
            answer["Last-Modified"].ShouldBe("Mon, 23 Nov 2026 12:00:00 GMT");
            answer["Cache-Control"].ShouldBe("max-age=31536000");
            answer.Body.Length.ShouldBe(status == 200 && method == "GET" ? 3 : 0);
        }
    }

    [Fact]
    public async Task A_head_says_what_a_get_would()
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(Size), ("x-ambry-um-a", "b"));
        var get = await World.GetAsync(path);
        var head = await World.SendAsync("HEAD", path);
        head.Body.ShouldBeEmpty();
        string[] perRequest = ["date", "x-ambry-request-id"];
        head.Headers.Where(h => !perRequest.Contains(h.Key)).OrderBy(h => h.Key)
            .ShouldBe(get.Headers.Where(h => !perRequest.Contains(h.Key)).OrderBy(h => h.Key));
        get["Accept-Ranges"].ShouldBe("bytes");
        get["Content-Type"].ShouldBe("application/octet-stream");
    }

    [Fact]
    public async Task User_metadata_comes_alone()
    {
        string path = await World.StoreAsync([1, 2, 3], ("x-ambry-um-a", "1"), ("x-ambry-um-b", "2"));
        var answer = await World.GetAsync(path + "/UserMetadata");
        answer.Status.ShouldBe(200);
        answer["x-ambry-um-a"].ShouldBe("1");
        answer["x-ambry-um-b"].ShouldBe("2");
        answer["x-ambry-service-id"].ShouldBeNull();
        answer.Body.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cacheable_container_says_for_how_long()
    {
        string path = await World.StoreAsync(
            [1], ("x-ambry-target-account-name", "photos"), ("x-ambry-target-container-name", "public"));
        var answer = await World.GetAsync(path);
        answer["Cache-Control"].ShouldBe("max-age=60");
        answer["Expires"].ShouldBe("Mon, 23 Nov 2026 12:01:00 GMT");
        answer["Pragma"].ShouldBeNull();
    }

    [Fact]
    public async Task No_cache_outlives_a_blob()
    {
        string path = await World.StoreAsync([1], ("x-ambry-ttl", "90"));
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(30));
        (await World.GetAsync(path))["Cache-Control"].ShouldBe("max-age=60");
    }

    [Theory]
    [InlineData("photos", "plain", "false")]
    [InlineData("photos", "public", "true")]
    public async Task What_is_private_or_not_cacheable_is_kept_by_nobody(string account, string container, string flag)
    {
        string path = await World.StoreAsync(
            [1],
            ("x-ambry-target-account-name", account),
            ("x-ambry-target-container-name", container),
            ("x-ambry-private", flag));
        foreach (string target in (string[])[path, path + "/BlobInfo", path + "/UserMetadata"])
        {
            var answer = await World.GetAsync(target);
            answer["Cache-Control"].ShouldBe("private, no-cache, no-store, proxy-revalidate");
            answer["Pragma"].ShouldBe("no-cache");
            answer["Expires"].ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("text/html", "attachment")]
    [InlineData("Text/HTML; charset=utf-8", "attachment")]
    [InlineData("image/svg+xml", "attachment")]
    [InlineData("text/plain", null)]
    public async Task A_page_is_never_run_in_this_origin(string type, string? disposition)
    {
        string path = await World.StoreAsync([1], ("x-ambry-content-type", type));
        var answer = await World.GetAsync(path);
        answer["Content-Disposition"].ShouldBe(disposition);
        answer["X-Content-Type-Options"].ShouldBe("nosniff");
        answer["Content-Type"].ShouldBe(type);
    }

    [Theory]
    [InlineData("text/html", "a.html", "attachment; filename=a.html; filename*=UTF-8''a.html")]
    [InlineData("image/png", "a b.png", "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png")]
    [InlineData("image/png", "\u00C3\u00A4.png", "inline; filename=_.png; filename*=UTF-8''%C3%A4.png")]
    public async Task A_filename_is_proposed_to_who_saves(string type, string name, string disposition)
    {
        string path = await World.StoreAsync([1], ("x-ambry-content-type", type), ("x-ambry-filename", name));
        (await World.GetAsync(path))["Content-Disposition"].ShouldBe(disposition);
    }

    [Theory]
    [InlineData("/short")]
    [InlineData("/short/BlobInfo")]
    [InlineData("/BlobInfo")]
    [InlineData("/UserMetadata")]
    [InlineData("/signedId/")]
    [InlineData("/signedId/AAAA")]
    public async Task What_is_no_id_is_a_bad_request(string target) =>
        (await World.GetAsync(target)).ShouldFail(400, "InvalidBlobId");

    [Theory]
    [InlineData("/named/account/container/name")]
    [InlineData("/accounts")]
    [InlineData("/peers")]
    public async Task What_this_server_has_not_is_not_found(string target) =>
        (await World.GetAsync(target)).ShouldFail(404, "NotFound");

    [Fact]
    public async Task A_blob_that_never_was_is_not_found()
    {
        BlobId.TryParse((await World.StoreAsync([1])).AsSpan(1), out var id);
        var uuid = new Guid(1, 2, 3, new byte[8]);
        var other = new BlobId(id.Origin, id.Account, id.Container, id.Partition, id.Kind, uuid);
        foreach (string target in (string[])[$"/{other}", $"/{other}/BlobInfo", $"/{other}/UserMetadata"])
        {
            (await World.GetAsync(target)).ShouldFail(404, "NotFound");
        }
    }

    [Fact]
    public async Task A_blob_of_nobody_here_is_not_found()
    {
        var id = await World.Cluster.PutAsync([1, 2, 3], new PutBlobOptions(1, 1, default));
        (await World.GetAsync($"/{id}")).ShouldFail(404, "NotFound");
        (await World.SendAsync("DELETE", $"/{id}")).ShouldFail(404, "NotFound");
        World.Cluster.Peers.CountCopies(id).ShouldBe(3);
    }

    [Fact]
    public async Task A_chunk_of_a_larger_blob_is_not_found()
    {
        await World.StoreAsync(HandleWorld.Bytes(Size));
        var chunk = World.Cluster.Peers.LiveBlobs.First(b => b.Kind == BlobKind.Chunk);
        (await World.GetAsync($"/{chunk}")).ShouldFail(404, "NotFound");
    }

    [Fact]
    public async Task A_blob_that_others_wrote_is_an_error_and_not_a_guess()
    {
        var id = await World.Cluster.PutAsync([1, 2, 3], new PutBlobOptions(7, 1, new byte[] { 1, 2, 3 }));
        (await World.GetAsync($"/{id}")).ShouldFail(500, "InternalServerError");
        World.Log.ShouldContain(l => l.StartsWith("Error 8504", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_the_middle_leaves_nothing_behind()
    {
        // Far more than the buffers between the two hold.
        await using var world = await HandleWorld.StartAsync(chunkBytes: 64 * 1024);
        string path = await world.StoreAsync(HandleWorld.Bytes(32 * 1024 * 1024));
        await using (var connection = await RawConnection.OpenAsync(world.Port))
        {
            await connection.SendAsync(
                $"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {HandleWorld.Key}\r\n\r\n");
            (await connection.ReceiveHeadAsync()).ShouldStartWith("HTTP/1.1 200 ");
            connection.Abort();
        }

        await UploadTests.WaitAsync(() => world.Log.Any(l => l.Contains("8503", StringComparison.Ordinal)));
        await world.Cluster.ShouldSoonHoldNothingAsync();
        world.Log.ShouldNotContain(l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_in_the_middle_cuts_the_connection()
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(40 * HandleCluster.ChunkBytes));
        int reads = 0;
        World.Fault = call => call.Operation == PeerOperation.Get && call.Id.Kind == BlobKind.Chunk
            && Interlocked.Increment(ref reads) > 10 ? PeerError.Corrupt : null;
        var cut = await Should.ThrowAsync<Exception>(() => World.GetAsync(path));
        cut.ShouldBeAssignableTo<HttpRequestException>();
        await UploadTests.WaitAsync(
            () => World.Log.Any(l => l.StartsWith("Warning 8502", StringComparison.Ordinal)));
        await World.Cluster.ShouldSoonHoldNothingAsync();
    }
}
