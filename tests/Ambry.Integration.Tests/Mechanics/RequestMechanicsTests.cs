using System.Globalization;
using System.Text.RegularExpressions;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Mechanics;

/// <summary>The HTTP around the operations: interim answers, races, errors, dates.</summary>
public sealed class RequestMechanicsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const long Huge = 4L * 1024 * 1024 * 1024;

    [Theory]
    [InlineData("refused", 403)]
    [InlineData("no-bucket", 404)]
    [InlineData("condition", 412)]
    [InlineData("too-large", 400)]
    public async Task Mechanic_12_a_doomed_body_is_never_asked_for(string why, int status)
    {
        await PutAsync("key", [1]);
        var bucket = why == "no-bucket" ? $"{Bucket}-absent" : Bucket;
        (string, string)[] headers =
            why == "condition" ? [("Expect", "100-continue"), ("If-None-Match", "*")] : [("Expect", "100-continue")];
        var request = Client.Sign("PUT", $"/{bucket}/key", headers: headers, payloadHash: "UNSIGNED-PAYLOAD");
        if (why == "refused")
        {
            request = request with { Target = $"/{bucket}/another" };
        }

        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(request, why == "too-large" ? 3 * Huge : Huge));
        var answer = await connection.ReceiveAsync();
        answer.SawContinue.ShouldBeFalse();
        answer.Status.ShouldBe(status, answer.Text);
        answer["Connection"].ShouldBe("close");
        (await GetAsync("key")).Body.ShouldBe([1]);
    }

    [Fact]
    public async Task Mechanic_12_a_good_body_is_asked_for_before_it_is_sent()
    {
        var body = TestContent.Bytes(1, TestContent.Chunk + 1);
        var request = Client.Sign(
            "PUT", $"/{Bucket}/key", headers: [("Expect", "100-continue")], payloadHash: "UNSIGNED-PAYLOAD");
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(request, body.Length));
        (await connection.ReceiveContinueAsync()).ShouldBeTrue();
        await connection.SendAsync(body);
        (await connection.ReceiveAsync()).Status.ShouldBe(200);
        (await GetAsync("key")).Body.AsSpan().SequenceEqual(body).ShouldBeTrue();
    }

    [Theory]
    [InlineData("key", 200)]
    [InlineData("no-such-bucket", 404)]
    public async Task Mechanic_12_an_empty_body_that_waits_to_be_asked_for_ends_the_connection(string where, int status)
    {
        var path = where == "key" ? $"/{Bucket}/key" : $"/{where}/key";
        var request = Client.Sign("PUT", path, headers: [("Expect", "100-continue")], payloadHash: "UNSIGNED-PAYLOAD");
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(request, 0));
        var answer = await connection.ReceiveAsync();
        answer.SawContinue.ShouldBeFalse();
        answer.Status.ShouldBe(status, answer.Text);
        answer["Connection"].ShouldBe("close");
    }

    [Fact]
    public async Task Mechanic_12_a_part_of_no_upload_is_refused_before_its_body()
    {
        var request = Client.Sign(
            "PUT",
            $"/{Bucket}/key",
            Part("made-up", 1),
            [("Expect", "100-continue")],
            payloadHash: "UNSIGNED-PAYLOAD");
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(request, Huge));
        var answer = await connection.ReceiveAsync();
        answer.SawContinue.ShouldBeFalse();
        ShouldBeError(answer, 404, "NoSuchUpload");
    }

    [Fact]
    public async Task Mechanic_13_of_sixty_four_creators_of_one_key_exactly_one_wins()
    {
        const int Racers = 64;
        var connections = new List<RawConnection>();
        try
        {
            for (var racer = 0; racer < Racers; racer++)
            {
                var body = TestContent.Text($"racer {racer:d2}");
                var request = Client.Sign("PUT", $"/{Bucket}/lock", headers: [("If-None-Match", "*")], body: body);
                var connection = await RawConnection.OpenAsync(Fixture.Ambry);
                connections.Add(connection);

                // All but the last byte, so that the rest of all can arrive at once.
                await connection.SendAsync(SignedClient.Head(request, body.Length));
                await connection.SendAsync(body.AsMemory(..^1));
            }

            await Task.WhenAll(connections.Select((connection, racer) => connection.SendAsync($"{racer % 10}")));
            var answers = await Task.WhenAll(connections.Select(connection => connection.ReceiveAsync()));
            var winner = answers.Index().Where(answer => answer.Item.Status == 200).ShouldHaveSingleItem();
            answers.Where(answer => answer.Status != 200)
                .ShouldAllBe(answer => answer.Status == 412 || answer.Status == 409);
            (await GetAsync("lock")).Text.ShouldBe($"racer {winner.Index:d2}");
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Mechanic_18_an_error_is_a_document_with_the_ids_of_its_headers()
    {
        var missing = await GetAsync("absent");
        ShouldBeError(missing, 404, "NoSuchKey");
        missing.Text.ShouldStartWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>");
        missing.ChildNames.ShouldBe("Code Message Key Resource RequestId HostId");
        missing["x-amz-request-id"]!.ShouldMatch("^[0-9A-F]{16}$");
        (await HeadAsync("absent")).HeaderNames.ShouldContain("x-amz-request-id");
    }

    [Fact]
    public async Task Mechanic_18_an_error_does_not_end_the_connection()
    {
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(Client.Sign("GET", $"/{Bucket}/absent"), null));
        (await connection.ReceiveAsync()).Status.ShouldBe(404);
        await connection.SendAsync(SignedClient.Head(Client.Sign("PUT", $"/{Bucket}/key", body: [1]), 1));
        await connection.SendAsync(new byte[] { 1 });
        (await connection.ReceiveAsync()).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Mechanic_20_the_region_comes_with_a_bucket_and_with_refusals()
    {
        (await Client.SendAsync("HEAD", $"/{Bucket}"))["x-amz-bucket-region"].ShouldBe("us-east-1");
        var stranger = Client.Sign("HEAD", $"/{Bucket}") with { Target = $"/{Bucket}?prefix=a" };
        var refused = await Client.SendAsync(stranger);
        refused.Status.ShouldBe(403);
        refused["x-amz-bucket-region"].ShouldBe("us-east-1");
    }

    [Fact]
    public async Task Mechanic_21_dates_have_the_one_form_that_every_client_reads()
    {
        await PutAsync("key", [1]);
        var iso = new Regex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        (await ListAsync()).Values("LastModified").ShouldAllBe(text => iso.IsMatch(text));
        (await CopyAsync($"/{Bucket}/key", "copy")).Values("LastModified").ShouldAllBe(text => iso.IsMatch(text));
        (await Client.SendAsync("GET", "/", [("prefix", Bucket)])).Values("CreationDate")
            .ShouldAllBe(text => iso.IsMatch(text));
        var head = await HeadAsync("key");
        foreach (var name in (string[])["Last-Modified", "Date"])
        {
            DateTimeOffset.TryParseExact(
                head[name], "ddd, dd MMM yyyy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture, 0, out _)
                .ShouldBeTrue(name);
        }
    }
}
