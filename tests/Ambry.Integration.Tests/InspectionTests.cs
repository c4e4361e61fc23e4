using System.Diagnostics;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>`ambryctl verify` and `dump` as processes, beside a running store, after a kill and a drain.</summary>
public sealed class InspectionTests
{
    private const int Writers = 6;
    private const int Looks = 4;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_store_is_right_under_load_after_a_kill_and_when_closed()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        using var s3 = AmbryFixture.Connect(ambry);
        await s3.PutBucketAsync("kept");
        using var answers = new SemaphoreSlim(0);
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => WriteUntilGoneAsync(s3, writer, answers))];
        long records = 0;
        for (int look = 0; look < Looks; look++)
        {
            await WaitForAsync(answers, Writers * 4);
            JsonElement seen = await VerifyAsync(ambry.DataFolder);
            long now = RecordsIn(seen);
            now.ShouldBeGreaterThan(records);
            records = now;
        }

        await ambry.KillAsync();
        await Task.WhenAll(writers);
        RecordsIn(await VerifyAsync(ambry.DataFolder)).ShouldBeGreaterThanOrEqualTo(records);

        await ambry.StartAsync();
        (await ambry.TerminateAsync()).ShouldBe(0);
        JsonElement closed = await VerifyAsync(ambry.DataFolder);
        foreach (JsonElement place in closed.GetProperty("places").EnumerateArray())
        {
            place.GetProperty("counts").GetProperty("isClosed").GetBoolean().ShouldBeTrue(place.ToString());
        }

        await ShouldDumpWhatVerifyCountsAsync(ambry.DataFolder, closed);
    }

    /// <summary>Every partition and the mapping's log, and all of it right.</summary>
    private static async Task<JsonElement> VerifyAsync(string folder)
    {
        (int exit, string output, string error) = await RunAsync("verify", folder, "--json");
        exit.ShouldBe(0, output + error);
        error.ShouldBe("");
        JsonElement report = JsonDocument.Parse(output).RootElement;
        report.GetProperty("places").EnumerateArray().Select(place => place.GetProperty("place").GetString())
            .ShouldContain("mapping/log");
        report.GetProperty("places").GetArrayLength().ShouldBeGreaterThan(2);
        return report;
    }

    private static long RecordsIn(JsonElement report) => report.GetProperty("places").EnumerateArray()
        .Sum(place => place.GetProperty("counts").GetProperty("records").GetInt64());

    private static async Task ShouldDumpWhatVerifyCountsAsync(string folder, JsonElement report)
    {
        (int exit, string output, string error) = await RunAsync("dump", "log", folder, "--json");
        (exit, error).ShouldBe((0, ""));
        output.Split('\n').Count(line => line.Contains("\"state\":\"intact\"", StringComparison.Ordinal))
            .ShouldBe((int)RecordsIn(report));
    }

    private static async Task WaitForAsync(SemaphoreSlim answers, int count)
    {
        for (; count > 0; count--)
        {
            (await answers.WaitAsync(AnswerLimit)).ShouldBeTrue("The store stopped answering.");
        }
    }

    private static async Task WriteUntilGoneAsync(AmazonS3Client s3, int writer, SemaphoreSlim answers)
    {
        var random = new Random(writer);
        for (int number = 0; ; number++)
        {
            byte[] body = new byte[random.Next(4) == 0 ? random.Next(3 << 20) : random.Next(64 << 10)];
            random.NextBytes(body);
            try
            {
                await s3.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = "kept",
                    Key = $"w{writer}/{number % 50}",
                    InputStream = new MemoryStream(body),
                });
                answers.Release();
            }
            catch (Exception fault) when (fault is HttpRequestException or AmazonS3Exception or IOException
                or Amazon.Runtime.AmazonServiceException)
            {
                return;
            }
        }
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ambryctl.dll"));
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(AnswerLimit);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }
}
