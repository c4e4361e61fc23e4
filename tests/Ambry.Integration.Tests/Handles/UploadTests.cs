using System.Globalization;
using System.Text;
using Ambry.Integration.Tests.Support;
using Ambry.Protocol;
using Ambry.Testing.Peers;

namespace Ambry.Integration.Tests.Handles;

public sealed class UploadTests : HandleTest
{
    private const string Type = "x-ambry-content-type";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HandleCluster.ChunkBytes)]
    [InlineData((5 * HandleCluster.ChunkBytes) + 1)]
    public async Task An_upload_is_read_back_by_the_id_in_its_location(int length)
    {
        byte[] content = HandleWorld.Bytes(length);
        var posted = await World.PostAsync(content);
        posted.Status.ShouldBe(201, posted.Text);
        posted["Location"]!.ShouldStartWith("/");
        BlobId.TryParse(posted["Location"].AsSpan(1), out _).ShouldBeTrue();
        posted["x-ambry-creation-time"].ShouldBe("Mon, 23 Nov 2026 12:00:00 GMT");
        posted["x-ambry-blob-size"].ShouldBe(length.ToString(CultureInfo.InvariantCulture));
        var read = await World.GetAsync(posted["Location"]!);
        read.Status.ShouldBe(200, read.Text);
        read.Body.ShouldBe(content);
        read["Content-Length"].ShouldBe(length.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_upload_in_chunks_of_unknown_length_is_stored_whole()
    {
        byte[] content = HandleWorld.Bytes((3 * HandleCluster.ChunkBytes) + 7);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentLength = null;
        request.Headers.TransferEncodingChunked = true;
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + HandleWorld.Key);
        foreach (var (name, value) in HandleWorld.Required())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await World.Client.SendAsync(request);
        var answer = await HandleAnswer.ReadAsync(response);
        answer.Status.ShouldBe(201, answer.Text);
        (await World.GetAsync(answer["Location"]!)).Body.ShouldBe(content);
    }

    [Fact]
    public async Task A_body_is_stored_while_it_is_still_coming()
    {
        const int Chunks = 40;
        byte[] chunk = HandleWorld.Bytes(HandleCluster.ChunkBytes);
        await using var connection = await RawConnection.OpenAsync(World.Port);
        await connection.SendAsync(Head($"Content-Length: {Chunks * chunk.Length}"));
        for (int i = 0; i < Chunks / 2; i++)
        {
            await connection.SendAsync(chunk);
        }

        // Far more has come than an operation may hold, and far less than the body.
        await WaitAsync(() => World.Cluster.Peers.Calls.Count(c => c.Operation == PeerOperation.Put) >= 3 * 10);
        World.Cluster.Router.BytesInUse.ShouldBeLessThan(10 * chunk.Length);
        for (int i = Chunks / 2; i < Chunks; i++)
        {
            await connection.SendAsync(chunk);
        }

        (await connection.ReceiveAsync()).Status.ShouldBe(201);
    }

    [Fact]
    public async Task What_the_uploader_said_comes_back_with_the_blob()
    {
        (string, string)[] headers =
        [
            (Type, "image/png"),
            ("x-ambry-owner-id", "me"),
            ("x-ambry-filename", "a \"b\".png"),
            ("x-ambry-content-encoding", "gzip"),
            ("x-ambry-private", "TRUE"),
            ("x-ambry-ttl", "3600"),
            ("x-ambry-um-Colour", "r\u00F6t"),
            ("x-ambry-um-empty", ""),
            ("x-ambry-target-account-name", "photos"),
            ("x-ambry-target-container-name", "plain"),
        ];
        string path = await World.StoreAsync([1, 2, 3], headers);
        foreach (string target in (string[])[path, path + "/BlobInfo"])
        {
            foreach (string method in (string[])["GET", "HEAD"])
            {
                var answer = await World.SendAsync(method, target);
                answer.Status.ShouldBe(200, answer.Text);
                answer["x-ambry-blob-size"].ShouldBe("3");
                answer["x-ambry-service-id"].ShouldBe(HandleWorld.ServiceId);
                answer["x-ambry-creation-time"].ShouldBe("Mon, 23 Nov 2026 12:00:00 GMT");
                answer["x-ambry-content-type"].ShouldBe("image/png");
                answer["x-ambry-owner-id"].ShouldBe("me");
                answer["x-ambry-filename"].ShouldBe("a \"b\".png");
                answer["x-ambry-content-encoding"].ShouldBe("gzip");
                answer["x-ambry-private"].ShouldBe("true");
                answer["x-ambry-ttl"].ShouldBe("3600");
                answer["x-ambry-um-colour"].ShouldBe("r\u00F6t");
                answer["x-ambry-um-empty"].ShouldBe("");
                answer["x-ambry-target-account-name"].ShouldBe("photos");
                answer["x-ambry-target-container-name"].ShouldBe("plain");
            }
        }
    }

    [Theory]
    [InlineData("photos", "public", 7, 1)]
    [InlineData("photos", "plain", 7, 2)]
    [InlineData("videos", "public", 8, 1)]
    public async Task An_upload_goes_to_the_account_and_container_it_names(
        string account, string container, int accountId, int containerId)
    {
        string path = await World.StoreAsync(
            [1], ("x-ambry-target-account-name", account), ("x-ambry-target-container-name", container));
        BlobId.TryParse(path.AsSpan(1), out var id).ShouldBeTrue();
        id.Account.ShouldBe((ushort)accountId);
        id.Container.ShouldBe((ushort)containerId);
    }

    [Theory]
    [InlineData("false", 0, "default-public-container")]
    [InlineData("true", 1, "default-private-container")]
    public async Task An_upload_without_names_goes_where_its_privacy_says(string flag, int containerId, string name)
    {
        string path = await World.StoreAsync([1], ("x-ambry-private", flag));
        BlobId.TryParse(path.AsSpan(1), out var id).ShouldBeTrue();
        id.Account.ShouldBe(ushort.MaxValue);
        id.Container.ShouldBe((ushort)containerId);
        (await World.GetAsync(path + "/BlobInfo"))["x-ambry-target-container-name"].ShouldBe(name);
    }

    [Theory]
    [InlineData("x-ambry-service-id", "", "MissingArguments")]
    [InlineData("x-ambry-content-type", "", "MissingArguments")]
    [InlineData("x-ambry-ttl", "0", "InvalidArguments")]
    [InlineData("x-ambry-ttl", "-2", "InvalidArguments")]
    [InlineData("x-ambry-ttl", "1.5", "InvalidArguments")]
    [InlineData("x-ambry-ttl", "99999999999999999999", "InvalidArguments")]
    [InlineData("x-ambry-ttl", "999999999999", "InvalidArguments")]
    [InlineData("x-ambry-private", "yes", "InvalidArguments")]
    [InlineData("x-ambry-blob-size", "-1", "InvalidArguments")]
    [InlineData("x-ambry-blob-size", "three", "InvalidArguments")]
    [InlineData("x-ambry-um-", "nameless", "InvalidArguments")]
    [InlineData("x-ambry-chunk-upload", "maybe", "InvalidArguments")]
    [InlineData("x-ambry-target-account-name", "photos", "MissingArguments")]
    [InlineData("x-ambry-target-container-name", "public", "MissingArguments")]
    public async Task A_bad_field_is_refused_by_its_name(string name, string value, string reason)
    {
        var answer = await World.PostAsync([1, 2, 3], (name, value));
        answer.ShouldFail(400, reason);
        answer.Text.ShouldContain(name);
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("long")]
    public async Task A_chunk_belongs_to_a_session(string session)
    {
        string name = session == "long" ? new string('s', 129) : session;
        var answer = await World.PostAsync([1], ("x-ambry-chunk-upload", "true"), ("x-ambry-session", name));
        answer.ShouldFail(400, session == "long" ? "InvalidArguments" : "MissingArguments");
        answer.Text.ShouldContain("x-ambry-session");
    }

    [Theory]
    [InlineData("nobody", "public", "InvalidAccount")]
    [InlineData("photos", "nothing", "InvalidContainer")]
    public async Task A_name_that_is_not_configured_is_refused(string account, string container, string reason) =>
        (await World.PostAsync(
            [1], ("x-ambry-target-account-name", account), ("x-ambry-target-container-name", container)))
        .ShouldFail(400, reason);

    [Fact]
    public async Task A_container_can_require_an_expiry()
    {
        (string, string)[] names =
            [("x-ambry-target-account-name", "photos"), ("x-ambry-target-container-name", "brief")];
        (await World.PostAsync([1], names)).ShouldFail(400, "InvalidArguments");
        (await World.PostAsync([1], [.. names, ("x-ambry-ttl", "-1")])).ShouldFail(400, "InvalidArguments");
        string path = await World.StoreAsync([1], [.. names, ("x-ambry-ttl", "60")]);
        (await World.SendAsync(
            "PUT", "/updateTtl", null, ("x-ambry-blob-id", path), ("x-ambry-service-id", "tests")))
            .ShouldFail(400, "InvalidArguments");
    }

    [Theory]
    [InlineData("x-ambry-service-id", 256)]
    [InlineData("x-ambry-content-type", 256)]
    [InlineData("x-ambry-owner-id", 256)]
    [InlineData("x-ambry-content-encoding", 256)]
    [InlineData("x-ambry-filename", 1024)]
    public async Task A_field_has_its_length(string name, int lengthMax)
    {
        (await World.PostAsync([1], (name, new string('a', lengthMax)))).Status.ShouldBe(201);
        (await World.PostAsync([1], (name, new string('a', lengthMax + 1)))).ShouldFail(400, "InvalidArguments");
    }

    [Fact]
    public async Task User_metadata_has_its_size()
    {
        int room = World.Options.UserMetadataBytesMax;
        (await World.PostAsync([1], ("x-ambry-um-a", new string('v', room - 1)))).Status.ShouldBe(201);
        (await World.PostAsync([1], ("x-ambry-um-a", new string('v', room)))).ShouldFail(400, "InvalidArguments");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_body_of_another_size_than_announced_is_refused_and_not_kept(int announced)
    {
        string size = announced.ToString(CultureInfo.InvariantCulture);
        (await World.PostAsync([1, 2, 3], ("x-ambry-blob-size", size))).ShouldFail(400, "BadRequest");
        await using var connection = await RawConnection.OpenAsync(World.Port);
        await connection.SendAsync(
            Head($"x-ambry-blob-size: {size}\r\nTransfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n");
        (await connection.ReceiveAsync()).Status.ShouldBe(400);
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
        await World.Cluster.ShouldSoonHoldNothingAsync();
    }

    [Fact]
    public async Task A_body_of_the_announced_size_is_kept() =>
        (await World.PostAsync([1, 2, 3], ("x-ambry-blob-size", "3"))).Status.ShouldBe(201);

    [Fact]
    public async Task An_upload_without_any_length_is_asked_for_one()
    {
        await using var connection = await RawConnection.OpenAsync(World.Port);
        await connection.SendAsync(Head("X-Nothing: 1"));
        var answer = await connection.ReceiveAsync();
        answer.Status.ShouldBe(411);
        answer["x-ambry-failure-reason"].ShouldBe("LengthRequired");
    }

    [Fact]
    public async Task A_field_that_came_twice_is_refused()
    {
        await using var connection = await RawConnection.OpenAsync(World.Port);
        await connection.SendAsync(Head("Content-Length: 1\r\nx-ambry-ttl: 5\r\nx-ambry-ttl: 6") + "a");
        (await connection.ReceiveAsync()).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_body_that_is_cut_off_leaves_no_blob()
    {
        await using (var connection = await RawConnection.OpenAsync(World.Port))
        {
            await connection.SendAsync(Head($"Content-Length: {10 * HandleCluster.ChunkBytes}"));
            await connection.SendAsync(HandleWorld.Bytes(4 * HandleCluster.ChunkBytes));
            await WaitAsync(() => World.Cluster.Peers.Calls.Count(c => c.Operation == PeerOperation.Put) >= 6);
            connection.Abort();
        }

        await WaitAsync(() => World.Log.Any(l => l.Contains("8503", StringComparison.Ordinal)));
        await World.Cluster.ShouldSoonHoldNothingAsync();
        await World.Cluster.DeleteInBackgroundAsync();
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
    }

    internal static async Task WaitAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Head(string more)
    {
        var head = new StringBuilder("POST / HTTP/1.1\r\nHost: here\r\n");
        head.Append("Authorization: Bearer ").Append(HandleWorld.Key).Append("\r\n");
        foreach (var (name, value) in HandleWorld.Required())
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return head.Append(more).Append("\r\n\r\n").ToString();
    }
}
