using System.Globalization;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>Bodies stream: what the process holds does not depend on how large they are.</summary>
public sealed class MemoryTests
{
    private const int Uploads = 4;
    private const int Block = 1024 * 1024;
    private const int Blocks = 256;
    private const long ResidentKilobytesMax = 700 * 1024;

    [SkippableFact]
    public async Task Four_uploads_of_256_mebibytes_at_once_fit_into_700()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells the peak of another process in /proc.");
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        var client = new SignedClient(ambry);
        (await client.SendAsync("PUT", "/large")).Status.ShouldBe(200);
        var block = TestContent.Bytes(1, Block);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, Uploads).Select(number => UploadAsync(ambry, client, number, block)));
        answers.ShouldAllBe(answer => answer.Status == 200);
        var listed = await client.SendAsync("GET", "/large", [("list-type", "2")]);
        listed.Values("Size").ShouldBe(Enumerable.Repeat($"{(long)Block * Blocks}", Uploads));
        var end = await client.SendAsync("GET", "/large/0", headers: [("Range", $"bytes={(255 * Block) + 7}-")]);
        end.Body.AsSpan().SequenceEqual(block.AsSpan(7)).ShouldBeTrue();
        var status = await File.ReadAllLinesAsync($"/proc/{ambry.ProcessId}/status");
        var peak = status.Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        long.Parse(peak.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            .ShouldBeLessThan(ResidentKilobytesMax, peak);
    }

    private static async Task<RawResponse> UploadAsync(
        AmbryProcess ambry, SignedClient client, int number, byte[] block)
    {
        await using var connection = await RawConnection.OpenAsync(ambry);
        var request = client.Sign("PUT", $"/large/{number}", payloadHash: "UNSIGNED-PAYLOAD");
        await connection.SendAsync(SignedClient.Head(request, (long)Block * Blocks));
        for (var sent = 0; sent < Blocks; sent++)
        {
            await connection.SendAsync(block);
        }

        return await connection.ReceiveAsync();
    }
}
