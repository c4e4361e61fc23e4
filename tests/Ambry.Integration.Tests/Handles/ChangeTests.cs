
namespace Ambry.Integration.Tests.Handles;

public sealed class ChangeTests : HandleTest
{
    private const int Size = (2 * HandleCluster.ChunkBytes) + 100;

    [Theory]
    [InlineData(3)]
    [InlineData(Size)]
    public async Task A_deleted_blob_is_gone(int size)
    {
        string path = await World.StoreAsync(HandleWorld.Bytes(size));
        (await World.SendAsync("DELETE", path)).Status.ShouldBe(202);
        foreach (string target in (string[])[path, path + "/BlobInfo", path + "/UserMetadata"])
        {
            (await World.GetAsync(target)).ShouldFail(410, "Deleted");
        }

        var head = await World.SendAsync("HEAD", path);
        head.ShouldFail(410, "Deleted");
        head.Body.ShouldBeEmpty();
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
        (await World.SendAsync("DELETE", path)).Status.ShouldBe(202);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(Size)]
    public async Task An_undeleted_blob_is_back(int size)
    {
        byte[] content = HandleWorld.Bytes(size);
        string path = await World.StoreAsync(content, ("x-ambry-um-a", "b"));
        await World.SendAsync("DELETE", path);
        (await World.SendAsync("PUT", "/undelete", null, Fields(path))).Status.ShouldBe(200);
        var answer = await World.GetAsync(path);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Body.ShouldBe(content);
        answer["x-ambry-um-a"].ShouldBe("b");
    }

    [Fact]
    public async Task Only_a_deleted_blob_can_be_undeleted() =>
        (await World.SendAsync("PUT", "/undelete", null, Fields(await World.StoreAsync([1]))))
        .ShouldFail(409, "Conflict");

    [Theory]
    [InlineData("include_deleted_blobs", 200)]
    [InlineData("Include_All", 200)]
    [InlineData("Include_Deleted", 200)]
    [InlineData("Include_Expired_Blobs", 410)]
    [InlineData("None", 410)]
    public async Task A_deleted_blob_can_be_asked_for(string option, int status)
    {
        byte[] content = HandleWorld.Bytes(Size);
        string path = await World.StoreAsync(content);
        await World.SendAsync("DELETE", path);
        var answer = await World.GetAsync(path, ("x-ambry-get-option", option));
        answer.Status.ShouldBe(status, answer.Text);
        if (status == 200)
        {
            answer.Body.ShouldBe(content);
            answer["Cache-Control"].ShouldBe("private, no-cache, no-store, proxy-revalidate");
        }
    }

    [Theory]
    [InlineData("include_expired_blobs", 200)]
    [InlineData("include_all", 200)]
    [InlineData("include_deleted_blobs", 410)]
    [InlineData("none", 410)]
    public async Task An_expired_blob_can_be_asked_for(string option, int status)
    {
        byte[] content = HandleWorld.Bytes(Size);
        string path = await World.StoreAsync(content, ("x-ambry-ttl", "3600"));
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(3601));
        var answer = await World.GetAsync(path, ("x-ambry-get-option", option));
        answer.Status.ShouldBe(status, answer.Text);
        answer.Reason.ShouldBe(status == 200 ? null : "Expired");
    }

    [Fact]
    public async Task An_unknown_option_is_refused() =>
        (await World.GetAsync(await World.StoreAsync([1]), ("x-ambry-get-option", "some")))
        .ShouldFail(400, "InvalidArguments");

    [Fact]
    public async Task A_blob_expires_by_itself_and_not_before()
    {
        string path = await World.StoreAsync([1], ("x-ambry-ttl", "3600"));
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(3599));
        (await World.GetAsync(path)).Status.ShouldBe(200);
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(1));
        (await World.GetAsync(path)).ShouldFail(410, "Expired");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(Size)]
    public async Task A_ttl_update_without_a_time_makes_a_blob_permanent(int size)
    {
        byte[] content = HandleWorld.Bytes(size);
        string path = await World.StoreAsync(content, ("x-ambry-ttl", "3600"));
        (await World.SendAsync("PUT", "/updateTtl", null, Fields(path))).Status.ShouldBe(200);
        World.Cluster.Time.Advance(TimeSpan.FromDays(1000));
        var answer = await World.GetAsync(path);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Body.ShouldBe(content);
        answer["x-ambry-ttl"].ShouldBe("-1");
    }

    [Fact]
    public async Task A_ttl_update_lets_a_blob_live_until_then()
    {
        string path = await World.StoreAsync([1], ("x-ambry-ttl", "3600"));
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(1000));
        var updated = await World.SendAsync("PUT", "/updateTtl", null, [.. Fields(path), ("x-ambry-ttl", "5000")]);
        updated.Status.ShouldBe(200, updated.Text);
        (await World.GetAsync(path))["x-ambry-ttl"].ShouldBe("6000");
    }

    [Fact]
    public async Task A_ttl_update_that_shortens_a_life_is_not_allowed()
    {
        string path = await World.StoreAsync([1], ("x-ambry-ttl", "3600"));
        var answer = await World.SendAsync("PUT", "/updateTtl", null, [.. Fields(path), ("x-ambry-ttl", "10")]);
        answer.ShouldFail(405, "NotAllowed");
        answer["Allow"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("/updateTtl")]
    [InlineData("/undelete")]
    public async Task A_change_needs_a_service_and_an_id(string target)
    {
        string path = await World.StoreAsync([1]);
        (await World.SendAsync("PUT", target, null, ("x-ambry-blob-id", path))).ShouldFail(400, "MissingArguments");
        (await World.SendAsync("PUT", target, null, ("x-ambry-service-id", "tests")))
            .ShouldFail(400, "MissingArguments");
        (await World.SendAsync("PUT", target, null, Fields("/nonsense"))).ShouldFail(400, "InvalidBlobId");
    }

    [Fact]
    public async Task A_change_of_a_deleted_blob_says_that_it_is_gone()
    {
        string path = await World.StoreAsync([1], ("x-ambry-ttl", "3600"));
        await World.SendAsync("DELETE", path);
        (await World.SendAsync("PUT", "/updateTtl", null, Fields(path))).ShouldFail(410, "Deleted");
    }

    private static (string, string)[] Fields(string path) =>
        [("x-ambry-blob-id", path), ("x-ambry-service-id", "tests")];
}
