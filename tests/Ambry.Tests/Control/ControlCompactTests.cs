using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

/// <summary>`ambryctl compact` against a listener that answers whatever the test says, once.</summary>
public class ControlCompactTests
{
    [Theory]
    [InlineData("""{ "failed": 0 }""", 0)]
    [InlineData("""{ "failed": 2 }""", 1)]
    public async Task The_exit_code_tells_whether_every_partition_was_compacted(string body, int exit)
    {
        ControlRun run = await RunAsync("200 OK", body);
        run.ExitCode.ShouldBe(exit);
        run.Output.Trim().ShouldBe(body);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{ "failed": "no" }""")]
    [InlineData("""{ "failed": 1e99 }""")]
    public async Task An_answer_of_something_else_is_told_in_a_line(string body)
    {
        ControlRun run = await RunAsync("200 OK", body);
        run.ExitCode.ShouldBe(1);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain("is no admin listener");
    }

    [Fact]
    public async Task A_refusal_is_told_as_it_came()
    {
        ControlRun run = await RunAsync("409 Conflict", "not now");
        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBe("ambryctl: not now\n");
    }

    private static async Task<ControlRun> RunAsync(string status, string body)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync(listener, status, body);
        ControlRun run = await ControlRun.OfAsync("compact", "--admin", $"http://{listener.LocalEndpoint}");
        await answering;
        return run;
    }

    private static async Task AnswerAsync(TcpListener listener, string status, string body)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // The head of the request.
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
    }
}
