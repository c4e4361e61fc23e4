using System.Net;
using System.Net.Sockets;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>The life of the process: what a stop leaves, what a start refuses, how a drain ends.</summary>
public sealed class RestartTests
{
    private static readonly byte[] Large = TestContent.Bytes(1, (2 * TestContent.Chunk) + 99);

    [Fact]
    public async Task A_clean_stop_and_start_keeps_everything()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        var client = new SignedClient(ambry);
        await ShouldSucceedAsync(client, "PUT", "/kept");
        await ShouldSucceedAsync(client, "PUT", "/empty");
        await ShouldSucceedAsync(client, "PUT", "/kept/large", Large);
        await ShouldSucceedAsync(client, "PUT", "/kept/nothing", []);
        await ShouldSucceedAsync(client, "PUT", "/kept/gone", [1]);
        await ShouldSucceedAsync(client, "DELETE", "/kept/gone");
        var copied = await client.SendAsync(
            "PUT", "/kept/copy", headers: [("x-amz-copy-source", "/kept/large"), ("x-amz-meta-a", "ignored")]);
        copied.Status.ShouldBe(200);
        await ShouldSucceedAsync(client, "DELETE", "/kept/large");
        var created = await client.SendAsync(
            "POST", "/kept/upload", [("uploads", "")], [("x-amz-meta-begun", "before")]);
        var uploadId = created.Element("UploadId");
        var first = Large[..TestContent.SmallestPart];
        var part = await client.SendAsync(
            "PUT", "/kept/upload", [("partNumber", "1"), ("uploadId", uploadId)], body: first);
        var before = await client.SendAsync("GET", "/kept", [("list-type", "2")]);
        (await ambry.TerminateAsync()).ShouldBe(0);

        await ambry.StartAsync();
        (await client.SendAsync("GET", "/")).Values("Name").ShouldBe(["empty", "kept"]);
        var after = await client.SendAsync("GET", "/kept", [("list-type", "2")]);
        after.Text.ShouldBe(before.Text);
        after.Values("Key").ShouldBe(["copy", "nothing"]);
        (await client.SendAsync("GET", "/kept/copy")).Body.AsSpan().SequenceEqual(Large).ShouldBeTrue();
        (await client.SendAsync("GET", "/kept/nothing")).Body.ShouldBeEmpty();
        (await client.SendAsync("GET", "/kept/gone")).Code.ShouldBe("NoSuchKey");
        (await client.SendAsync("GET", "/kept", [("uploads", "")])).Values("UploadId").ShouldBe([uploadId]);
        var second = await client.SendAsync(
            "PUT", "/kept/upload", [("partNumber", "2"), ("uploadId", uploadId)], body: [7]);
        var document = TestContent.Text(
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part["ETag"]}</ETag></Part>"
            + $"<Part><PartNumber>2</PartNumber><ETag>{second["ETag"]}</ETag></Part></CompleteMultipartUpload>");
        var completed = await client.SendAsync("POST", "/kept/upload", [("uploadId", uploadId)], body: document);
        completed.Status.ShouldBe(200, completed.Text);
        var got = await client.SendAsync("GET", "/kept/upload");
        got.Body.AsSpan().SequenceEqual(TestContent.Join(first, [7])).ShouldBeTrue();
        got["x-amz-meta-begun"].ShouldBe("before");
        await ShouldSucceedAsync(client, "DELETE", "/empty");
        (await ambry.TerminateAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_second_process_on_the_folder_fails_with_one_line()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        await using var second = new AmbryProcess(ambry.DataFolder);
        (await second.RunAsync()).ShouldBe(1);
        second.Output.ToString().ShouldBe($"ambry: {ambry.DataFolder} is held by another ambry process.");
        (await new SignedClient(ambry).SendAsync("GET", "/")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_the_word_that_changes_it()
    {
        await using var ambry = new AmbryProcess();
        using var holder = new TcpListener(IPAddress.Loopback, ambry.Port);
        holder.Start();
        (await ambry.RunAsync()).ShouldBe(1);
        ambry.Output.ToString().ShouldBe(
            $"ambry: 127.0.0.1:{ambry.Port} is in use; choose another with --listen HOST:PORT.");
    }

    [Theory]
    [InlineData("--durability", "sometimes")]
    [InlineData("--admin", "nowhere")]
    [InlineData("--unknown", "word")]
    public async Task Words_that_mean_nothing_end_with_two(string option, string value)
    {
        await using var ambry = new AmbryProcess();
        (await ambry.RunAsync(option, value)).ShouldBe(2);
        ambry.Output.ToString().ShouldStartWith("ambry: ");
    }

    [Fact]
    public async Task A_term_signal_lets_an_upload_finish_and_takes_no_new_one()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        var client = new SignedClient(ambry);
        await ShouldSucceedAsync(client, "PUT", "/kept");
        await using var connection = await RawConnection.OpenAsync(ambry);
        var request = client.Sign(
            "PUT", "/kept/slow", headers: [("Expect", "100-continue")], payloadHash: "UNSIGNED-PAYLOAD");
        await connection.SendAsync(SignedClient.Head(request, Large.Length));
        (await connection.ReceiveContinueAsync()).ShouldBeTrue();
        await connection.SendAsync(Large.AsMemory(..100_000));
        (await StatusAsync(ambry)).ShouldBe(HttpStatusCode.OK);
        await ambry.SendTerminateAsync();
        while (await StatusAsync(ambry) == HttpStatusCode.OK)
        {
            await Task.Yield();
        }

        await connection.SendAsync(Large.AsMemory(100_000..));
        var answer = await connection.ReceiveAsync();
        answer.Status.ShouldBe(200, answer.Text);
        (await ambry.WaitForExitAsync()).ShouldBe(0);

        await ambry.StartAsync();
        (await client.SendAsync("GET", "/kept/slow")).Body.AsSpan().SequenceEqual(Large).ShouldBeTrue();
    }

    [Fact]
    public async Task Health_answers_operators_and_nobody_s_writes()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(ambry.AdminEndpoint) };
        (await http.GetStringAsync("/health/live")).ShouldBe("live\n");
        (await http.GetStringAsync("/health/ready")).ShouldBe("ready\n");
        (await http.PostAsync("/health/ready", null)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode> StatusAsync(AmbryProcess ambry)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(ambry.AdminEndpoint + "/health/ready");
        return answer.StatusCode;
    }

    private static async Task ShouldSucceedAsync(SignedClient client, string method, string path, byte[]? body = null)
    {
        var answer = await client.SendAsync(method, path, body: body);
        answer.Status.ShouldBeOneOf(200, 204);
    }
}
