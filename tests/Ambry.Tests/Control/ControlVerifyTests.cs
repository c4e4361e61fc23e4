using System.Text.Json;
using Ambry.Control;
using Ambry.Store.Inspection;
using Ambry.Tests.Samples;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

public sealed class ControlVerifyTests
{
    [Theory]
    [InlineData(SamplesV1.ClosedStore, "verify-closed")]
    [InlineData(SamplesV1.KilledStore, "verify-killed")]
    [InlineData(SamplesV1.Mapping, "verify-mapping")]
    [InlineData(SamplesV2.CompactedStore, "verify-compacted")]
    [InlineData(SamplesV2.CompactingStore, "verify-compacting")]
    public async Task A_sample_is_right(string name, string golden)
    {
        using var sample = new UnpackedSample(name);
        var before = sample.Fingerprint();

        ControlRun text = await ControlRun.OfAsync("verify", sample.Root);
        ControlRun json = await ControlRun.OfAsync("verify", sample.Root, "--json");

        (text.ExitCode, text.Error).ShouldBe((0, ""));
        (json.ExitCode, json.Error).ShouldBe((0, ""));
        text.ShouldBeGolden(golden + ".txt");
        json.ShouldBeGolden(golden + ".json");
        JsonDocument.Parse(json.Output).RootElement.GetProperty("right").GetBoolean().ShouldBeTrue();
        sample.Fingerprint().ShouldBe(before);
    }

    [Fact]
    public async Task A_damaged_record_is_found_and_a_way_out_is_named()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        Damage(Path.Combine(sample.Store, "log", "0000000001.log"), 5000);

        ControlRun text = await ControlRun.OfAsync("verify", sample.Store);
        ControlRun json = await ControlRun.OfAsync("verify", sample.Store, "--json");

        (text.ExitCode, json.ExitCode).ShouldBe((1, 1));
        text.Error.ShouldBe("ambryctl: damage in 1 of 1 place: keep the folder as it is, and replace the replica from a "
            + "peer or restore a copy.\n");
        text.ShouldBeGolden("verify-damaged.txt");
        JsonElement root = JsonDocument.Parse(json.Output).RootElement;
        root.GetProperty("right").GetBoolean().ShouldBeFalse();
        JsonElement finding = root.GetProperty("places")[0].GetProperty("damage")[0];
        finding.GetProperty("fault").GetString().ShouldBe("recordDamaged");
        finding.GetProperty("lsn").GetInt64().ShouldBe(4);
    }

    [Fact]
    public async Task Damage_of_the_index_alone_is_told_apart()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        Damage(Directory.GetFiles(Path.Combine(sample.Store, "index")).Order(StringComparer.Ordinal).First(), 5000);

        ControlRun run = await ControlRun.OfAsync("verify", sample.Store);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBe("ambryctl: damage in 1 of 1 place, but not of the log: the next start makes index files anew, "
            + "and does without tokens.\n");
    }

    [Fact]
    public async Task Damaged_tokens_are_found_and_those_of_another_store_are_told()
    {
        using var sample = new UnpackedSample(SamplesV2.CompactedStore);
        string file = Path.Combine(sample.Store, "replica.tokens");
        await File.WriteAllBytesAsync(file, (SamplesV2.Tokens with { Incarnation = SamplesV2.PeerStore }).Encode());
        ControlRun foreign = await ControlRun.OfAsync("verify", sample.Store);
        Damage(file, 40);
        ControlRun damaged = await ControlRun.OfAsync("verify", sample.Store);

        foreign.ExitCode.ShouldBe(0);
        foreign.Output.ShouldContain("note: replica.tokens: the tokens are of another store");
        damaged.ExitCode.ShouldBe(1);
        damaged.Output.ShouldContain("damage: replica.tokens: the tokens are damaged");
    }

    [Fact]
    public void Progress_is_one_line_that_goes_away()
    {
        using var error = new StringWriter();
        var time = new FakeTimeProvider();
        var io = new ControlStreams(TextWriter.Null, error, ErrorIsTerminal: true, time);
        using (var meter = new VerifyMeter(io, "partitions/7"))
        {
            meter.Report(new VerifyProgress(1, 100));
            error.ToString().ShouldBe("");
            time.Advance(TimeSpan.FromSeconds(1));
            meter.Report(new VerifyProgress(512 << 20, 1L << 30));
            meter.Report(new VerifyProgress(513 << 20, 1L << 30));
        }

        const string Line = "verifying partitions/7: 50 %, 512.0 MiB of 1.0 GiB";
        error.ToString().ShouldBe($"\r{Line}\r{new string(' ', Line.Length)}\r");
    }

    private static void Damage(string file, int offset)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[offset] ^= 4;
        File.WriteAllBytes(file, bytes);
    }
}
