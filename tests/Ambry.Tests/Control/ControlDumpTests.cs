using System.Text.Json;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Tests.Samples;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

public sealed class ControlDumpTests
{
    [Theory]
    [InlineData("log")]
    [InlineData("index")]
    public async Task A_closed_store_is_dumped(string what)
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        var before = sample.Fingerprint();

        ControlRun text = await ControlRun.OfAsync("dump", what, sample.Store);
        ControlRun json = await ControlRun.OfAsync("dump", what, sample.Store, "--json");

        (text.ExitCode, text.Error).ShouldBe((0, ""));
        (json.ExitCode, json.Error).ShouldBe((0, ""));
        text.ShouldBeGolden($"dump-{what}-closed.txt");
        json.ShouldBeGolden($"dump-{what}-closed.json");
        ShouldBeJsonLines(json.Output);
        sample.Fingerprint().ShouldBe(before);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("index")]
    public async Task A_compacted_store_is_dumped(string what)
    {
        using var sample = new UnpackedSample(SamplesV2.CompactedStore);

        ControlRun run = await ControlRun.OfAsync("dump", what, sample.Store);

        (run.ExitCode, run.Error).ShouldBe((0, ""));
        run.ShouldBeGolden($"dump-{what}-compacted.txt");
    }

    [Fact]
    public async Task What_is_not_live_any_more_is_dumped_when_asked_for()
    {
        using var sample = new UnpackedSample(SamplesV2.CompactingStore);

        ControlRun run = await ControlRun.OfAsync("dump", "log", sample.Store, "--all");

        run.ExitCode.ShouldBe(0);
        run.ShouldBeGolden("dump-log-all.txt");
    }

    [Fact]
    public async Task A_killed_store_is_dumped_with_its_torn_end()
    {
        using var sample = new UnpackedSample(SamplesV1.KilledStore);

        ControlRun run = await ControlRun.OfAsync("dump", "log", sample.Store);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBe("ambryctl: 1 place is damaged; 'ambryctl verify' says what that means.\n");
        run.ShouldBeGolden("dump-log-killed.txt");
    }

    [Fact]
    public async Task The_log_of_a_mapping_is_dumped()
    {
        using var sample = new UnpackedSample(SamplesV1.Mapping);

        ControlRun run = await ControlRun.OfAsync("dump", "log", Path.Combine(sample.Root, "mapping", "log"));

        run.ExitCode.ShouldBe(0);
        run.ShouldBeGolden("dump-log-mapping.txt");
    }

    [Fact]
    public async Task One_index_file_and_the_folder_of_the_index_are_dumped_too()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        ControlRun store = await ControlRun.OfAsync("dump", "index", sample.Store);
        string folder = Path.Combine(sample.Store, "index");

        (await ControlRun.OfAsync("dump", "index", folder)).Output.ShouldBe(store.Output);
        string[] files = Directory.GetFiles(folder);
        Array.Sort(files, StringComparer.Ordinal);
        ControlRun one = await ControlRun.OfAsync("dump", "index", files[0]);
        one.ExitCode.ShouldBe(0);
        store.Output.ShouldStartWith(one.Output);
    }

    [Theory]
    [InlineData(new[] { "--from-lsn", "4" }, new long[] { 4, 5, 6, 7, 8, 9, 10 })]
    [InlineData(new[] { "--to-lsn", "3" }, new long[] { 1, 2, 3 })]
    [InlineData(new[] { "--from-lsn", "3", "--limit", "2" }, new long[] { 3, 4 })]
    public async Task A_range_is_dumped(string[] options, long[] lsns)
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        foreach (string what in new[] { "log", "index" })
        {
            ControlRun run = await ControlRun.OfAsync(["dump", what, sample.Store, "--json", .. options]);

            LsnsOf(run.Output).ShouldBe(lsns, customMessage: what);
        }
    }

    [Fact]
    public async Task One_blob_is_dumped()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        string id = SamplesV1.Closed[5].Id.ToString();
        foreach (string what in new[] { "log", "index" })
        {
            LsnsOf((await ControlRun.OfAsync("dump", what, sample.Store, "--json", "--id", id)).Output)
                .ShouldBe([6, 9], customMessage: what);
        }
    }

    [Fact]
    public async Task A_damaged_index_file_is_dumped_as_far_as_it_goes()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        string file = Directory.GetFiles(Path.Combine(sample.Store, "index")).Order(StringComparer.Ordinal).First();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[4096 + 20] ^= 1;
        File.WriteAllBytes(file, bytes);

        ControlRun run = await ControlRun.OfAsync("dump", "index", sample.Store);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("DAMAGED at 4096: page 1 fails its checksum");
        run.Output.ShouldContain(SamplesV1.Closed[3].Id.ToString());
    }

    [Fact]
    public async Task Tokens_are_dumped()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        var tokens = new ReplicaTokens(
            SamplesV1.Incarnation,
            [
                new PeerTokens(new DataNodeId("b.example", 6667), SamplesV1.FindToken, FindToken.Start),
                new PeerTokens(new DataNodeId("a.example", 6667), FindToken.Start, SamplesV1.FindToken),
            ]);
        string file = Path.Combine(sample.Store, TokenFile.FileName);
        await File.WriteAllBytesAsync(file, tokens.Encode());

        (await ControlRun.OfAsync("dump", "tokens", sample.Store)).ShouldBeGolden("dump-tokens.txt");
        (await ControlRun.OfAsync("dump", "tokens", file, "--json")).ShouldBeGolden("dump-tokens.json");
        await File.WriteAllBytesAsync(file, tokens.Encode()[..^1]);
        ControlRun damaged = await ControlRun.OfAsync("dump", "tokens", file);
        (damaged.ExitCode, damaged.Output).ShouldBe((1, ""));
        damaged.Error.ShouldContain("is damaged or no file of tokens");
    }

    [Fact]
    public async Task A_single_token_is_dumped()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        string file = Path.Combine(sample.Root, "token");
        await File.WriteAllBytesAsync(file, SampleArchive.Read(SamplesV1.FindTokenFile));

        (await ControlRun.OfAsync("dump", "tokens", file)).Output.ShouldBe(
            $"token: LSN {SamplesV1.FindToken.Lsn} of store {SamplesV1.Incarnation}\n");
    }

    [Theory]
    [InlineData("dump", "log")]
    [InlineData("dump", "index")]
    [InlineData("dump", "tokens")]
    [InlineData("verify")]
    public async Task A_folder_that_is_no_store_is_said_to_be_none(params string[] words)
    {
        string folder = Directory.CreateTempSubdirectory("ambryctl-").FullName;
        ControlRun run = await ControlRun.OfAsync([.. words, folder]);
        Directory.Delete(folder);
        ControlRun gone = await ControlRun.OfAsync([.. words, folder]);

        (run.ExitCode, run.Output).ShouldBe((2, ""));
        run.Error.ShouldStartWith($"ambryctl: '{folder}");
        run.Error.Count(letter => letter == '\n').ShouldBe(1);
        (gone.ExitCode, gone.Output).ShouldBe((2, ""));
        gone.Error.ShouldBe($"ambryctl: '{folder}' is not there.\n");
    }

    [Theory]
    [InlineData("dump")]
    [InlineData("dump", "log")]
    [InlineData("verify", "a", "b")]
    [InlineData("dump", "everything", ".")]
    [InlineData("dump", "log", ".", "--id", "nonsense")]
    [InlineData("dump", "log", ".", "--from-lsn", "x")]
    public async Task Words_without_meaning_are_told_in_one_line(params string[] words)
    {
        ControlRun run = await ControlRun.OfAsync(words);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith("ambryctl: ");
        run.Error.ShouldEndWith("Try 'ambryctl --help'.\n");
        run.Error.Count(letter => letter == '\n').ShouldBe(1);
    }

    [Fact]
    public void The_disk_of_the_tool_refuses_every_change()
    {
        using var sample = new UnpackedSample(SamplesV1.ClosedStore);
        var disk = new Ambry.Control.ReadOnlyDisk(sample.Root);
        string path = $"{SamplesV1.StoreFolder}/store.descriptor";
        using IDiskFile file = disk.Open(path, create: true);

        Should.Throw<NotSupportedException>(() => disk.Delete(path));
        Should.Throw<NotSupportedException>(() => disk.Rename(path, "x"));
        Should.Throw<NotSupportedException>(() => disk.CreateDirectory("x"));
        Should.Throw<NotSupportedException>(() => disk.TryLock("x"));
        Should.Throw<NotSupportedException>(() => file.Truncate(0));
        Should.Throw<NotSupportedException>(() => file.Preallocate(1));
        Should.Throw<FileNotFoundException>(() => disk.Open("missing", create: true));
    }

    private static void ShouldBeJsonLines(string output)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonDocument.Parse(line).RootElement.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    private static long[] LsnsOf(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("type").GetString() is "record" or "entry"
                && (!line.TryGetProperty("state", out JsonElement state) || state.GetString() == "intact"))
            .Select(line => line.GetProperty("lsn").GetInt64())];
}
