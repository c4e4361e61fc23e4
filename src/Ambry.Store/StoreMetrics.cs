using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ambry.Store;

/// <summary>
/// What the stores of one node count, on one meter. Tags come from closed sets: the node's disks, operations, and the
/// names of errors. The names of the instruments are listed in docs/metrics.md. Thread safe.
/// </summary>
public sealed class StoreMetrics
{
    public const string MeterName = "Ambry.Store";

    /// <summary>Counts where nobody looks: for tests, and for callers without a meter factory.</summary>
    public static readonly StoreMetrics None = new(new Meter(MeterName + ".None"));

    private readonly ConcurrentDictionary<BlobStore, string> _stores = new();
    private readonly Histogram<double> _readDuration;
    private readonly Histogram<double> _appendDuration;
    private readonly Histogram<double> _compactionDuration;
    private readonly Counter<long> _bytesRead;
    private readonly Counter<long> _bytesAppended;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _quarantines;
    private readonly Counter<long> _corruptBlobs;
    private readonly Counter<long> _indexFlushes;
    private readonly Counter<long> _bytesCopied;
    private readonly Counter<long> _bytesReclaimed;
    private readonly Counter<long> _scrubbedBytes;
    private readonly Counter<long> _scrubErrors;

    public StoreMetrics(IMeterFactory factory)
        : this(factory.Create(MeterName))
    {
    }

    private StoreMetrics(Meter meter)
    {
        _readDuration = meter.CreateHistogram<double>(
            "ambry.store.read.duration", "s", "Time of a read, from the look-up to the verified bytes");
        _appendDuration = meter.CreateHistogram<double>(
            "ambry.store.append.duration", "s", "Time of a change that was written, until it is durable");
        _bytesRead = meter.CreateCounter<long>("ambry.store.read.bytes", "By", "Content handed out");
        _bytesAppended = meter.CreateCounter<long>("ambry.store.append.bytes", "By", "Content taken in");
        _errors = meter.CreateCounter<long>(
            "ambry.store.errors", "{request}", "Requests that a store answered with an error");
        _quarantines = meter.CreateCounter<long>(
            "ambry.store.quarantines", "{store}", "Stores found contradicting themselves, when opened or scrubbed");
        _corruptBlobs = meter.CreateCounter<long>(
            "ambry.store.corrupt.blobs", "{read}", "Reads that met bytes which fail their checksum");
        _indexFlushes = meter.CreateCounter<long>(
            "ambry.store.index.flushes", "{flush}", "Writings of what an index held in memory");
        _compactionDuration = meter.CreateHistogram<double>(
            "ambry.store.compaction.duration", "s", "Time of a compaction cycle that was committed");
        _bytesCopied = meter.CreateCounter<long>(
            "ambry.store.compaction.bytes_copied", "By", "Bytes of records that compaction wrote anew");
        _bytesReclaimed = meter.CreateCounter<long>(
            "ambry.store.compaction.bytes_reclaimed", "By", "Bytes of the log that compaction gave back");
        _scrubbedBytes = meter.CreateCounter<long>(
            "ambry.store.scrub.bytes", "By", "Bytes whose checksums the scrubber verified");
        _scrubErrors = meter.CreateCounter<long>(
            "ambry.store.scrub.errors", "{error}", "Places that the scrubber found damaged");
        meter.CreateObservableUpDownCounter(
            "ambry.store.used", () => SumByDisk(store => store.UsedBytes), "By",
            "Bytes of records, headers and wasted segment tails");
        meter.CreateObservableUpDownCounter(
            "ambry.store.valid", () => SumByDisk(store => store.ValidBytes), "By",
            "Bytes of records that are still needed, as counted last; stores not counted yet give none");
    }

    /// <summary>Whether somebody listens to the times of reads: taking them costs some, too.</summary>
    internal bool TimesReads => _readDuration.Enabled;

    public void Copied(string disk, long bytes) => _bytesCopied.Add(bytes, Disk(disk));

    public void Reclaimed(string disk, long bytes) => _bytesReclaimed.Add(bytes, Disk(disk));

    public void Compacted(string disk, TimeSpan duration) =>
        _compactionDuration.Record(duration.TotalSeconds, Disk(disk));

    public void Scrubbed(string disk, long bytes) => _scrubbedBytes.Add(bytes, Disk(disk));

    public void ScrubError(string disk) => _scrubErrors.Add(1, Disk(disk));

    internal void Read(string disk, TimeSpan duration, long bytes)
    {
        _readDuration.Record(duration.TotalSeconds, Disk(disk));
        _bytesRead.Add(bytes, Disk(disk));
    }

    internal void Appended(string disk, string operation, TimeSpan duration, long bytes)
    {
        _appendDuration.Record(duration.TotalSeconds, Disk(disk), Operation(operation));
        _bytesAppended.Add(bytes, Disk(disk));
    }

    internal void Failed(string disk, string operation, StoreError error) =>
        _errors.Add(1, Disk(disk), Operation(operation), new("error", error.ToString()));

    internal void Quarantined(string disk) => _quarantines.Add(1, Disk(disk));

    internal void CorruptBlob(string disk) => _corruptBlobs.Add(1, Disk(disk));

    internal void IndexFlushed(string disk) => _indexFlushes.Add(1, Disk(disk));

    /// <summary>From now on the store counts in the sums of its disk.</summary>
    internal void Register(BlobStore store, string disk) => _stores[store] = disk;

    internal void Unregister(BlobStore store) => _stores.TryRemove(store, out _);

    private static KeyValuePair<string, object?> Disk(string disk) => new("disk", disk);

    private static KeyValuePair<string, object?> Operation(string operation) => new("operation", operation);

    private IEnumerable<Measurement<long>> SumByDisk(Func<BlobStore, long> bytes) => _stores
        .GroupBy(pair => pair.Value, pair => bytes(pair.Key))
        .Select(group => new Measurement<long>(group.Sum(), Disk(group.Key)));
}
