using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Ambry.Objects;
using Ambry.Protocol;

namespace Ambry.Testing.Simulation;

/// <summary>
/// What the clients know: a register for every name, upload and part they touched, the bytes behind every ETag they
/// made, and which blobs may be left over. Also the trace. For one thread only.
/// </summary>
internal sealed class SimModel
{
    /// <summary>The user metadata that says which operation wrote a name.</summary>
    public const string OperationName = "op";

    public const string There = "there";

    private readonly XxHash64 _trace = new();
    private readonly SortedDictionary<string, SortedDictionary<string, SimRegister>> _keys =
        new(StringComparer.Ordinal);

    private readonly HashSet<string> _wins = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<BlobId>> _copied = [];
    private long _clock;
    private int _operation;

    public SortedDictionary<string, SimRegister> Buckets { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Contents { get; } = new(StringComparer.Ordinal);

    public List<SimUpload> Uploads { get; } = [];

    /// <summary>Buckets and keys of uploads whose creation was left open: unknown ones may be listed.</summary>
    public HashSet<(string Bucket, string Key)> OpenCreations { get; } = [];

    /// <summary>Operations whose blobs a stop may have left behind.</summary>
    public HashSet<int> LeakyOperations { get; } = [];

    /// <summary>Operations since the last stop that failed: the background deleter has their chunks.</summary>
    public HashSet<int> FailedOperations { get; } = [];

    /// <summary>Blobs to which a copy of unknown outcome may have left a holder.</summary>
    public HashSet<BlobId> LeakyBlobs { get; } = [];

    public int OpenOutcomes { get; private set; }

    public int Operations => _operation;

    public string? LastEvent { get; private set; }

    public IEnumerable<KeyValuePair<string, SortedDictionary<string, SimRegister>>> Keys => _keys;

    public ulong TraceHash => _trace.GetCurrentHashAsUInt64();

    /// <summary>Logical time: every begin and every end has its own.</summary>
    public long Tick() => ++_clock;

    public int NextOperation() => ++_operation;

    public SimRegister Key(string bucket, string key)
    {
        if (!_keys.TryGetValue(bucket, out var keys))
        {
            _keys[bucket] = keys = new SortedDictionary<string, SimRegister>(StringComparer.Ordinal);
        }

        if (!keys.TryGetValue(key, out var register))
        {
            keys[key] = register = new SimRegister();
        }

        return register;
    }

    public SimRegister Bucket(string name)
    {
        if (!Buckets.TryGetValue(name, out var register))
        {
            Buckets[name] = register = new SimRegister();
        }

        return register;
    }

    /// <summary>A race that can be won only once was won.</summary>
    public void Win(string race) => Demand(_wins.Add(race), $"two winners of: {race}");

    /// <summary>A copy is about to hold the blob.</summary>
    public void NoteCopy(int operation, BlobId blob)
    {
        if (!_copied.TryGetValue(operation, out var blobs))
        {
            _copied[operation] = blobs = [];
        }

        blobs.Add(blob);
    }

    /// <summary>What an operation may leave behind: all when it met a stop, queued chunks when it failed.</summary>
    public void EndOperation(int operation, bool isOpen, bool hasStopped, bool succeeded)
    {
        OpenOutcomes += isOpen ? 1 : 0;
        if (isOpen || hasStopped)
        {
            LeakyOperations.Add(operation);
            LeakyBlobs.UnionWith(_copied.GetValueOrDefault(operation) ?? []);
        }
        else if (!succeeded)
        {
            FailedOperations.Add(operation);
        }
    }

    /// <summary>The process is gone, and with it what the background deleter had still to do.</summary>
    public void Stop()
    {
        LeakyOperations.UnionWith(FailedOperations);
        FailedOperations.Clear();
    }

    public static string Identity(string etag, string operation) => etag + "|" + operation;

    public static string Identity(StoredObject stored) => Identity(
        stored.ETag,
        stored.UserMetadata.Where(pair => pair.Key == OperationName).Select(p => p.Value).FirstOrDefault("?"));

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public void Trace(string line)
    {
        LastEvent = line;
        _trace.Append(Encoding.UTF8.GetBytes(line));
        _trace.Append("\n"u8);
    }

    public static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFault(otherwise);
        }
    }
}

/// <summary>One multipart upload: whether it is open, and its parts by number with their ETags.</summary>
internal sealed class SimUpload(string id, string bucket, string key, int operation)
{
    public string Id { get; } = id;

    public string Bucket { get; } = bucket;

    public string Key { get; } = key;

    /// <summary>The operation that began it, which its object will carry.</summary>
    public int Operation { get; } = operation;

    public SimRegister State { get; } = new();

    public SortedDictionary<int, SimRegister> Parts { get; } = [];

    public SimRegister Part(int number)
    {
        if (!Parts.TryGetValue(number, out var register))
        {
            Parts[number] = register = new SimRegister();
        }

        return register;
    }
}
