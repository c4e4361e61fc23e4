using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>Uploads whose client leaves: nothing of them stays on the disk.</summary>
public sealed class AbortedUploadTests
{
    private const int Aborts = 30;
    private const int SentBytes = 3 * 1024 * 1024;

    [Fact]
    public async Task What_was_sent_of_an_aborted_upload_takes_no_room()
    {
        await using var ambry = new AmbryProcess();
        await ambry.StartAsync();
        var client = new SignedClient(ambry);
        (await client.SendAsync("PUT", "/kept")).Status.ShouldBe(200);
        var before = UsedBytes(ambry);
        var body = TestContent.Bytes(1, SentBytes);
        for (var number = 0; number < Aborts; number++)
        {
            await using var connection = await RawConnection.OpenAsync(ambry);
            var request = client.Sign("PUT", $"/kept/{number}", payloadHash: "UNSIGNED-PAYLOAD");
            await connection.SendAsync(SignedClient.Head(request, 2L * SentBytes));
            await connection.SendAsync(body);
            connection.FinishSending();
            (await connection.ReadToEndAsync()).ShouldNotStartWith("HTTP/1.1 200");
        }

        (await client.SendAsync("PUT", "/kept/whole", body: [1])).Status.ShouldBe(200);
        (UsedBytes(ambry) - before).ShouldBeLessThan(SentBytes);
        (await client.SendAsync("GET", "/kept", [("list-type", "2")])).Values("Key").ShouldBe(["whole"]);
    }

    private static long UsedBytes(AmbryProcess ambry) => Directory
        .EnumerateFiles(ambry.DataFolder, "*", SearchOption.AllDirectories)
        .Sum(file => new FileInfo(file).Length);
}
