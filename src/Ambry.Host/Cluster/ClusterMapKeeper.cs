using Ambry.ClusterMap;
using Ambry.Host.Configuration;
using Ambry.Log;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Cluster;

/// <summary>
/// The cluster map of this process: kept in its data folder, replaced by newer ones only, each validated whole and
/// durable before anybody works by it. Thread safe; changes go one after the other.
/// </summary>
internal sealed class ClusterMapKeeper : IDisposable
{
    public const string FileName = "cluster-map.json";

    /// <summary>As much as a layout may be long.</summary>
    public const int JsonBytesMax = 64 * 1024 * 1024;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private Func<ClusterView, CancellationToken, ValueTask> _follow = static (_, _) => ValueTask.CompletedTask;
    private volatile byte[] _json;
    private volatile string? _splitFault;
    private volatile string? _followFault;

    private ClusterMapKeeper(IDisk disk, ClusterView first, ILogger logger)
    {
        _disk = disk;
        _logger = logger;
        _json = first.Layout.ToJson();
        Live = new LiveClusterMap(first);
    }

    public LiveClusterMap Live { get; }

    /// <summary>What an operator has to know; null when all is well.</summary>
    public string? Fault => _splitFault ?? _followFault;

    /// <summary>The map in force, as it travels.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>Opens the newer of the kept map and the one that the operator handed over, and keeps it.</summary>
    /// <exception cref="StartupException">There is neither, or one does not hold.</exception>
    public static async Task<ClusterMapKeeper> OpenAsync(
        IDisk disk, string? firstFile, DataCenterId dataCenter, ILogger logger, CancellationToken token)
    {
        ClusterView? kept = await disk.TryReadAllAsync(FileName, JsonBytesMax, token) is { } bytes
            ? Parse(bytes, dataCenter, $"{disk.Name}/{FileName}")
            : null;
        ClusterView? given = firstFile is null
            ? null
            : Parse(await ConfigurationFile.ReadAsync(firstFile, JsonBytesMax, token), dataCenter, firstFile);
        ClusterView first = (kept, given) switch
        {
            (null, null) => throw new StartupException(
                $"there is no cluster map yet: hand the first one over with {ServerSettings.ClusterMap.Name}."),
            (null, _) => given,
            (_, null) => kept,
            _ => given.Layout.Version > kept.Layout.Version ? given : kept,
        };
        var keeper = new ClusterMapKeeper(disk, first, logger);
        if (first != kept)
        {
            await disk.WriteAtomicAsync(FileName, keeper.Json, token);
        }
        else if (given is not null && given.Layout.Version == first.Layout.Version)
        {
            keeper.NoteSplit(given.Layout);
        }

        return keeper;
    }

    /// <summary>
    /// From now on <paramref name="follow"/> is told of every new map, one after the other. What it throws is tried
    /// again by <see cref="FollowAsync"/>.
    /// </summary>
    public void Use(Func<ClusterView, CancellationToken, ValueTask> follow) => _follow = follow;

    /// <summary>Takes a map over if it is newer.</summary>
    /// <param name="source">Where it comes from, for the log.</param>
    /// <param name="editedFrom">The version that an operator's edit began with: nothing may have changed since. Null
    /// for a map that another node has in force.</param>
    public async ValueTask<MapAnswer> OfferAsync(
        ReadOnlyMemory<byte> json, string source, long? editedFrom, CancellationToken token)
    {
        await _gate.WaitAsync(token);
        try
        {
            ClusterView present = Live.Current;
            long version = present.Layout.Version;
            if (!TryParse(json, present, out ClusterView? next, out IReadOnlyList<string> faults))
            {
                Log.MapRefused(_logger, source, string.Join("; ", faults));
                return new MapAnswer(MapVerdict.Invalid, version, 0, faults);
            }

            long offered = next!.Layout.Version;
            if (offered == version)
            {
                MapVerdict verdict = NoteSplit(next.Layout) ? MapVerdict.Split : MapVerdict.Known;
                return new MapAnswer(verdict, version, offered, []);
            }

            // A node that missed earlier pushes may skip them: what the edit began with was made from its own.
            if (offered < version || editedFrom < version)
            {
                return new MapAnswer(MapVerdict.Outdated, version, offered, []);
            }

            await TakeAsync(next, token);
            return new MapAnswer(MapVerdict.Taken, offered, offered, []);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Tries again what followed the map in force half-way only.</summary>
    public async ValueTask FollowAsync(CancellationToken token)
    {
        if (_followFault is null)
        {
            return;
        }

        await _gate.WaitAsync(token);
        try
        {
            await FollowLockedAsync(Live.Current, token);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private static ClusterView Parse(byte[] json, DataCenterId dataCenter, string file)
    {
        ClusterLayoutResult read = ClusterLayout.Parse(json);
        if (read.Layout is not { } layout)
        {
            throw new StartupException($"{file} does not hold: {string.Join("; ", read.Faults)}");
        }

        return HasDataCenter(layout, dataCenter)
            ? new ClusterView(layout, dataCenter)
            : throw new StartupException($"{file} has no data centre with the id {dataCenter.Value}.");
    }

    private static bool TryParse(
        ReadOnlyMemory<byte> json, ClusterView present, out ClusterView? view, out IReadOnlyList<string> faults)
    {
        view = null;
        ClusterLayoutResult read = ClusterLayout.Parse(json);
        string name = present.Layout.HardwareLayout.ClusterName;
        faults = read.Layout is not { } layout ? read.Faults
            : layout.HardwareLayout.ClusterName != name
                ? [$"layout.hardwareLayout.clusterName: this is the cluster '{name}'"]
            : !HasDataCenter(layout, present.LocalDataCenter)
                ? [$"layout.hardwareLayout.datacenters: the data centre {present.LocalDataCenter.Value} is missing"]
            : [];
        if (faults.Count > 0)
        {
            return false;
        }

        view = new ClusterView(read.Layout!, present.LocalDataCenter);
        return true;
    }

    private static bool HasDataCenter(ClusterLayout layout, DataCenterId id) =>
        layout.HardwareLayout.Datacenters.Any(d => d.Id == id.Value);

    /// <summary>Whether a map of the version in force says something else than the one in force.</summary>
    private bool NoteSplit(ClusterLayout other)
    {
        if (other.ToJson().AsSpan().SequenceEqual(_json))
        {
            return false;
        }

        if (_splitFault is null)
        {
            Log.MapSplit(_logger, other.Version);
        }

        _splitFault = $"two different cluster maps have version {other.Version}";
        return true;
    }

    /// <remarks>The write makes the map durable: a restart must not go back to an older one.</remarks>
    private async ValueTask TakeAsync(ClusterView next, CancellationToken token)
    {
        byte[] json = next.Layout.ToJson();
        await _disk.WriteAtomicAsync(FileName, json, token);

        // In force from here on, whoever goes away: half of a change is worse than a slow one.
        _json = json;
        Live.TryAdvance(next);
        _splitFault = null;
        Log.MapTaken(_logger, next.Layout.Version);
        await FollowLockedAsync(next, CancellationToken.None);
    }

    private async ValueTask FollowLockedAsync(ClusterView view, CancellationToken token)
    {
        try
        {
            await _follow(view, token);
            _followFault = null;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !token.IsCancellationRequested)
        {
            _followFault = $"cluster map {view.Layout.Version} is not followed: {fault.Message}";
            Log.MapNotFollowed(_logger, view.Layout.Version, fault);
        }
    }
}
