using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Samples;

/// <summary>
/// What the writer makes reads back. With AMBRY_WRITE_SAMPLES=1 it is added to the source tree too, once for each
/// version: samples that are there are not written over.
/// </summary>
public sealed class SampleWriterTests
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("AMBRY_WRITE_SAMPLES") == "1";

    [Fact]
    public async Task A_closed_store_is_made() => await MakeAsync(
        "store-closed", SampleWriter.ClosedStoreAsync, SamplesV1Tests.ShouldHoldClosedAsync);

    [Fact]
    public async Task A_killed_store_is_made() => await MakeAsync(
        "store-killed", SampleWriter.KilledStoreAsync, SamplesV1Tests.ShouldHoldKilledAsync);

    [Fact]
    public async Task A_compacted_store_is_made() => await MakeAsync(
        "store-compacted", CompactedSample.ClosedAsync, SamplesV2Tests.ShouldHoldCompactedAsync);

    [Fact]
    public async Task A_store_in_the_midst_of_a_compaction_is_made() => await MakeAsync(
        "store-compacting", CompactedSample.KilledWhileCompactingAsync, SamplesV2Tests.ShouldHoldCompactingAsync);

    [Fact]
    public async Task A_mapping_is_made() => await MakeAsync(
        "mapping", SampleWriter.MappingAsync, SamplesV1Tests.ShouldHoldMappingAsync);

    [Fact]
    public void A_token_is_made_as_ever()
    {
        byte[] token = SampleWriter.Token();
        token.ShouldBe(SampleArchive.Read(SamplesV1.FindTokenFile));
        if (Writes)
        {
            SampleArchive.Write($"v{SampleWriter.Version}/find-token.bin", token);
        }
    }

    private static async Task MakeAsync(string name, Func<Task<SimDisk>> make, Func<SimDisk, Task> check)
    {
        SimDisk made = await make();
        byte[] packed = SampleArchive.Pack(made);
        await check(made.Copy());
        if (Writes)
        {
            SampleArchive.Write($"v{SampleWriter.Version}/{name}.zip", packed);
        }
    }
}
