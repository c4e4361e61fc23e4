using Ambry.Host;
using Ambry.Host.Embedded;
using Ambry.Integration.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Integration.Tests.Host;

/// <summary>How the process ends when it cannot start, when requests do not end, and when it is told twice.</summary>
public sealed class StartAndStopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_nobody_foresaw_at_the_start_ends_with_one_line_and_details_only_when_verbose(bool verbose)
    {
        await using var ambry = new AmbryProcess();
        await SpoilAsync(ambry.DataFolder);

        (await ambry.RunAsync(verbose ? ["--verbose"] : [])).ShouldBe(1);

        var said = ambry.Output.ToString();
        said.Split('\n').Count(line => line.StartsWith("ambry: ", StringComparison.Ordinal)).ShouldBe(1);
        said.ShouldContain($"ambry: {ambry.DataFolder} does not open (InvalidDataException): ");
        said.Contains("   at Ambry.", StringComparison.Ordinal).ShouldBe(verbose);
        said.Split('\n').Length.ShouldBeInRange(1, verbose ? int.MaxValue : 1);
    }

    [Fact]
    public async Task A_start_that_failed_half_way_leaves_nothing_open()
    {
        var folder = Directory.CreateTempSubdirectory("ambry-start-").FullName;
        try
        {
            var spoilt = await SpoilAsync(folder);
            var options = new EmbeddedOptions
            {
                DataFolder = folder,
                Region = "us-east-1",
                SegmentBytes = 128L << 20,
                DeletedRetention = TimeSpan.FromDays(7),
                CompactionBytesPerSecond = 10L << 20,
                ScrubBytesPerSecond = 1L << 20,
            };
            var fault = await Should.ThrowAsync<StartupException>(
                () => EmbeddedStore.OpenAsync(options, NullLoggerFactory.Instance, null, default));
            fault.InnerException.ShouldBeOfType<InvalidDataException>();

            File.Delete(spoilt);
            await using var store = await EmbeddedStore.OpenAsync(options, NullLoggerFactory.Instance, null, default);
            store.Fault.ShouldBeNull();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_second_signal_does_not_wait_for_the_drain()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        var client = new SignedClient(ambry);
        (await client.SendAsync("PUT", "/kept")).Status.ShouldBe(200);
        await using var connection = await RawConnection.OpenAsync(ambry);
        var request = client.Sign(
            "PUT", "/kept/stalled", headers: [("Expect", "100-continue")], payloadHash: "UNSIGNED-PAYLOAD");
        await connection.SendAsync(SignedClient.Head(request, 1_000_000));
        (await connection.ReceiveContinueAsync()).ShouldBeTrue();
        using var http = new HttpClient();

        await ambry.SendTerminateAsync();
        while ((await http.GetAsync(ambry.AdminEndpoint + "/health/ready")).IsSuccessStatusCode)
        {
            await Task.Yield();
        }

        // 128 + SIGTERM: the signal ended it, neither the drain nor its limit.
        (await ambry.TerminateAsync()).ShouldBe(143);
    }

    [Fact]
    public async Task A_drain_waits_for_requests_and_says_when_it_had_to_cut_them_off()
    {
        foreach (var ends in new[] { true, false })
        {
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ListenAddress.TryParse("127.0.0.1:1", out var address, out _);
            await using var app = HttpServers.Create(address! with { Port = 0 }, _ => { }, LogLevel.None);
            app.Run(async context =>
            {
                begun.SetResult();
                await end.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("whole");
            });
            await app.StartAsync();
            var url = app.Services.GetRequiredService<IServer>().Features
                .Get<IServerAddressesFeature>()!.Addresses.Single();
            using var http = new HttpClient();
            var answer = http.GetStringAsync(new Uri(url));
            await begun.Task;

            var drain = HttpServers.DrainAsync(app, ends ? Patience : TimeSpan.FromMilliseconds(50));
            if (ends)
            {
                drain.IsCompleted.ShouldBeFalse();
                end.SetResult();
                (await answer).ShouldBe("whole");
            }
            else
            {
                await Should.ThrowAsync<HttpRequestException>(() => answer);
            }

            (await drain).ShouldBe(ends);
        }
    }

    /// <summary>A cluster map that is far too long is no fault of the disk.</summary>
    private static async Task<string> SpoilAsync(string folder)
    {
        var file = Path.Combine(folder, EmbeddedLayoutFile.FileName);
        await File.WriteAllBytesAsync(file, new byte[(1024 * 1024) + 1]);
        return file;
    }
}
