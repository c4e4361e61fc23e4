using System.Diagnostics.Metrics;
using Ambry.Log;
using Ambry.Store;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public sealed class StoreMetricsTests : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, string Tags)> _seen = [];
    private readonly SimDisk _disk = new();

    public StoreMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public async Task Reads_and_changes_are_counted_with_their_bytes_and_outcomes()
    {
        await using BlobStore store = await OpenAsync(new StoreMetrics(this));
        await PutAsync(store, 1, Content(1, 500));
        await PutAsync(store, 1, Content(1, 500));
        await PutAsync(store, 1, Content(2, 500));
        (await ErrorOfAsync(store, 2)).ShouldBe(StoreError.NotFound);
        using (StoreReadResult read = await GetAsync(store, 1, offset: 100, length: 50))
        {
            read.Error.ShouldBe(StoreError.None);
        }

        await DeleteAsync(store, 1);
        await UndeleteAsync(store, 1);
        await UpdateTtlAsync(store, 1, null);
        await store.FlushIndexAsync(CancellationToken.None);

        ShouldHave("ambry.store.append.duration", 1, "disk=simulated,operation=put", isTime: true);
        ShouldHave("ambry.store.append.duration", 1, "disk=simulated,operation=delete", isTime: true);
        ShouldHave("ambry.store.append.duration", 1, "disk=simulated,operation=undelete", isTime: true);
        ShouldHave("ambry.store.append.bytes", 500, "disk=simulated");
        ShouldHave("ambry.store.read.duration", 1, "disk=simulated", isTime: true);
        ShouldHave("ambry.store.read.bytes", 50, "disk=simulated");
        ShouldHave("ambry.store.errors", 1, "disk=simulated,operation=put,error=AlreadyExists");
        ShouldHave("ambry.store.errors", 1, "disk=simulated,operation=get,error=NotFound");
        ShouldHave("ambry.store.errors", 1, "disk=simulated,operation=update_ttl,error=AlreadyUpdated");
        ShouldHave("ambry.store.index.flushes", 1, "disk=simulated");
    }

    [Fact]
    public async Task Gauges_add_up_the_open_stores_of_a_disk()
    {
        var metrics = new StoreMetrics(this);
        BlobStore store = await OpenAsync(metrics);
        await PutAsync(store, 1, Content(1, 500));
        store.ValidBytes = 77;
        _listener.RecordObservableInstruments();
        ShouldHave("ambry.store.used", store.UsedBytes, "disk=simulated");
        ShouldHave("ambry.store.valid", 77, "disk=simulated");
        await store.DisposeAsync();
        _seen.Clear();
        _listener.RecordObservableInstruments();
        _seen.ShouldBeEmpty("a closed store does not count");
    }

    [Fact]
    public async Task Damage_is_counted_where_it_is_met()
    {
        var metrics = new StoreMetrics(this);
        BlobStore store = await OpenAsync(metrics);
        byte[] content = Content(1, 500);
        await PutAsync(store, 1, content);
        await PutAsync(store, 2, Content(2, 500));
        _disk.FlipBit(LogFile(_disk), Find(_disk, LogFile(_disk), content), 3);
        (await ReadAsync(store)).ShouldBe(StoreError.Corrupt);
        ShouldHave("ambry.store.corrupt.blobs", 1, "disk=simulated");
        ShouldHave("ambry.store.errors", 1, "disk=simulated,operation=get,error=Corrupt");
        await store.DisposeAsync();
        _seen.Clear();

        foreach (string file in _disk.ListFiles($"{Folder}/index"))
        {
            _disk.Delete($"{Folder}/index/{file}");
        }

        await using BlobStore quarantined = await OpenAsync(metrics);
        quarantined.Status.State.ShouldBe(StoreState.Quarantined);
        ShouldHave("ambry.store.quarantines", 1, "disk=simulated");
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        _meters.Add(new Meter(options));
        return _meters[^1];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private static async Task<StoreError> ReadAsync(BlobStore store)
    {
        using StoreReadResult read = await GetAsync(store, 1);
        return read.Error;
    }

    private ValueTask<BlobStore> OpenAsync(StoreMetrics metrics) => StoreKit.OpenAsync(
        _disk,
        new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = 64L << 20,
            SegmentBytes = 16L << 20,
            DurabilityMode = DurabilityMode.Group,
            Metrics = metrics,
        });

    /// <summary>How often a time was taken, or what a count came to.</summary>
    private void ShouldHave(string name, double expected, string tags, bool isTime = false)
    {
        var found = _seen.Where(seen => seen.Name == name && seen.Tags == tags).ToList();
        (isTime ? found.Count : found.Sum(seen => seen.Value)).ShouldBe(expected, $"{name} {tags}");
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Add((
            instrument.Name, value, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
