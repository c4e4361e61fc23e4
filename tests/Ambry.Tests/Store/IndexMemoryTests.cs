using Ambry.Log;
using Ambry.Store.Index;
using Ambry.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

/// <summary>Alone while it measures: the heap is everybody's.</summary>
[CollectionDefinition(nameof(IndexMemoryTests), DisableParallelization = true)]
[Collection(nameof(IndexMemoryTests))]
public class IndexMemoryTests(ITestOutputHelper output)
{
    private const int Entries = 200_000;
    private const int PerFile = 10_000;
    private const long MegabytesPerMillion = 64;

    [Fact]
    public async Task A_million_entries_take_less_than_64_megabytes_in_memory()
    {
        SimDisk disk = NewDisk();
        IndexFolder folder = Services(disk).Folder;
        for (int first = 0; first < Entries; first += PerFile)
        {
            IndexEntry[] entries =
                [.. Enumerable.Range(first, PerFile).Select(number => Entry(number, number + 1))];
            await folder.WriteAsync(RangeOf(entries), entries, CancellationToken.None);
        }

        var source = new EmptyLog(Entries);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var recovery = new IndexRecovery(Services(disk, PerFile));
        await recovery.LoadFilesAsync(CancellationToken.None);
        (BlobIndex index, RecoveryReport report) =
            await recovery.RunAsync(source, new Journal(1), CancellationToken.None);
        using BlobIndex owned = index;
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        index.Counts.Puts.ShouldBe(Entries);
        report.FilesLoaded.ShouldBe(Entries / PerFile);
        report.RecordsScanned.ShouldBe(0);
        double perEntry = bytes / (double)Entries;
        output.WriteLine($"{perEntry:F2} bytes an entry, {perEntry:F1} MB a million");
        bytes.ShouldBeLessThan(MegabytesPerMillion * Entries);
        (await index.FindAsync(StoreKit.Id(4711), null, CancellationToken.None)).ShouldNotBeNull();
    }

    /// <summary>A log of one sealed range that nobody has to read.</summary>
    private sealed class EmptyLog(long lastLsn) : IIndexSource
    {
        public long DurableLsn => lastLsn;

        public IReadOnlyList<LogSegmentState> Segments =>
            [new LogSegmentState(0, 1, lastLsn, 0, 0, true)];

        public IAsyncEnumerable<IndexEntry> ReadAsync(long fromLsn, long toLsn, CancellationToken token) =>
            throw new InvalidOperationException("The files hold it all.");
    }
}
