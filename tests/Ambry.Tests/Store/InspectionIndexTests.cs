using Ambry.Protocol;
using Ambry.Store.Inspection;
using Ambry.Testing;
using Ambry.Tests.Samples;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store;

/// <summary>Index files of every version are read, and every byte of them counts.</summary>
public sealed class InspectionIndexTests
{
    private const string Folder = $"{SamplesV1.StoreFolder}/index";

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, SampleWriter.Version + 1)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_files_of_a_store_hold_its_records_in_order(int version)
    {
        SimDisk disk = await StoreOfAsync(version);
        var entries = new List<InspectedEntry>();
        foreach (string name in IndexInspector.List(disk, Folder))
        {
            InspectedIndexFile file = await IndexInspector.ReadAsync(disk, Folder, name, default);
            file.Faults.ShouldBeEmpty();
            file.Header.ShouldNotBeNull().Entries.ShouldBe(file.Entries.Count);
            entries.AddRange(file.Entries);
        }

        entries.Select(entry => entry.Lsn).ShouldBe(Enumerable.Range(1, 10).Select(lsn => (long)lsn));
        entries.Take(8).Select(entry => (entry.Id, entry.Kind, entry.SizeBytes, entry.ExpiresAt)).ShouldBe(
            SamplesV1.Closed.Select(blob => (blob.Id, StoreRecordKind.Put, blob.SizeBytes, blob.ExpiresAt)));
        entries.Skip(8).Select(entry => entry.Kind).ShouldBe([StoreRecordKind.Delete, StoreRecordKind.Delete]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Every_changed_byte_and_every_length_is_found(int version)
    {
        SimDisk disk = await StoreOfAsync(version);
        string name = IndexInspector.List(disk, Folder)[0];
        byte[] bytes = disk.Contents($"{Folder}/{name}");
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= (byte)(1 << (i % 8));
            await ShouldBeFaultyAsync(damaged, $"byte {i}");
        }

        for (int length = 0; length < bytes.Length; length += 61)
        {
            await ShouldBeFaultyAsync(bytes[..length], $"length {length}");
        }

        await ShouldBeFaultyAsync([.. bytes, 0], "one more");

        async Task ShouldBeFaultyAsync(byte[] damaged, string what)
        {
            disk.Overwrite($"{Folder}/{name}", damaged);
            InspectedIndexFile file = await IndexInspector.ReadAsync(disk, Folder, name, default);
            file.Faults.ShouldNotBeEmpty(what);
        }
    }

    [Fact]
    public async Task A_file_under_another_name_is_faulty()
    {
        SimDisk disk = await StoreOfAsync(SampleWriter.Version + 1);
        string[] names = [.. IndexInspector.List(disk, Folder)];
        disk.Overwrite($"{Folder}/{names[1]}", disk.Contents($"{Folder}/{names[0]}"));

        (await IndexInspector.ReadAsync(disk, Folder, names[1], default)).Faults.Single()
            .Message.ShouldBe($"the header is that of {names[0]}");
    }

    /// <summary>The sample of a version; behind the newest, what is written today.</summary>
    private static Task<SimDisk> StoreOfAsync(int version) => version > SampleWriter.Version
        ? SampleWriter.ClosedStoreAsync()
        : SampleArchive.LoadAsync($"v{version}/store-closed.zip");
}
