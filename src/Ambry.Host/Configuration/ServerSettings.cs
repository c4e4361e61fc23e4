using System.Text.Json;
using Ambry.Host.Handles;
using Ambry.Log;
using Ambry.Network;
using Ambry.Replication;

namespace Ambry.Host.Configuration;

/// <summary>Every key of the file that `ambry server --config` reads. Immutable.</summary>
internal static class ServerSettings
{
    public static readonly SettingsKey<IReadOnlyList<NodeRole>> Roles = SettingsKeys.WordList<NodeRole>(
        "roles",
        "What this process does: `data` holds replicas, `gateway` answers clients, `metadata` holds the mapping from "
        + "names to blobs. A gateway with an S3 listener needs `metadata` beside it.");

    public static readonly SettingsKey<string> NodeHost = SettingsKeys.Text(
        "node.host",
        null,
        "as in the cluster map",
        "Host that names this data node in the cluster map. Required for `data`.");

    public static readonly SettingsKey<int> NodePort = SettingsKeys.Number(
        "node.port", null, 1, 65535, "Port that names this data node in the cluster map. Required for `data`.");

    public static readonly SettingsKey<ListenAddress> NodeListen = SettingsKeys.Address(
        "node.listen",
        "Where peers connect, when that is not `node.host` and `node.port`: a host that is a name is listened for at "
        + "every address.");

    public static readonly SettingsKey<int> DataCenter = SettingsKeys.Number(
        "dataCenter", null, 0, 255, "Id of the data centre that this process is in. Required.");

    public static readonly SettingsKey<string> DataDir = SettingsKeys.Text(
        "dataDir",
        null,
        "a folder; made when missing",
        "Holds the kept cluster map, the mapping, and disks whose mount path is relative. Required.");

    public static readonly SettingsKey<string> ClusterMap = SettingsKeys.Text(
        "clusterMap",
        null,
        "a file",
        "The first cluster map. Later the copy in `dataDir` counts when it is newer. Required at the first start.");

    public static readonly SettingsKey<ListenAddress> Admin = SettingsKeys.Address(
        "admin", "The operators' listener. Required; beyond the loopback only with `adminToken`.");

    public static readonly SettingsKey<string> AdminToken = SettingsKeys.Text(
        "adminToken",
        null,
        "16 characters or more",
        "What operators send as `Authorization: Bearer …`. The environment variable `AMBRY_ADMIN_TOKEN` comes first.");

    public static readonly SettingsKey<ListenAddress> S3Listen = SettingsKeys.Address(
        "s3.listen", "Where S3 clients connect. For `gateway`, with `metadata` in the same process.");

    public static readonly SettingsKey<string> S3Region = SettingsKeys.Text(
        "s3.region", "us-east-1", "a name", "Region that signatures must name.");

    public static readonly SettingsKey<IReadOnlyList<string>> S3Domains = SettingsKeys.TextList(
        "s3.domains", "host names", "Names whose sub-domains are buckets (virtual-host style).");

    public static readonly SettingsKey<IReadOnlyList<string>> S3CorsOrigins = SettingsKeys.TextList(
        "s3.corsOrigins", "origins or `*`", "Origins that browsers may call from; none switches CORS off.");

    public static readonly SettingsKey<ListenAddress> HandleListen = SettingsKeys.Address(
        "handle.listen", "Where clients of the handle API connect. For `gateway`.");

    public static readonly SettingsKey<IReadOnlyList<HandleAccount>> HandleAccounts = new()
    {
        Name = "handle.accounts",
        Type = "list of accounts",
        Default = "[]",
        Range = "see [handle-api.md](handle-api.md)",
        Meaning = "Tenants of the handle API with their containers.",
        Absent = [],
        Parse = HandleAccountsReader.TryRead,
    };

    public static readonly SettingsKey<string> HandleKey = SettingsKeys.Text(
        "handle.key",
        null,
        "32 to 1,024 visible ASCII characters",
        "What clients of the handle API show, and what its URLs are signed with: the same in every process that serves "
        + "it. Without one it is for the loopback alone.");

    public static readonly SettingsKey<string> HandlePublicUrl = SettingsKeys.Text(
        "handle.publicUrl",
        null,
        "http(s)://HOST[:PORT]",
        "What stands in front of signed URLs; left out, the Host that the client named.");

    public static readonly SettingsKey<IReadOnlyList<string>> HandleCorsOrigins = SettingsKeys.TextList(
        "handle.corsOrigins", "origins or `*`", "Origins whose pages may use the handle API.");

    public static readonly SettingsKey<TimeSpan> HandleCacheTtl = SettingsKeys.Duration(
        "handle.cacheTtl", "365d", "0s", "3650d", "How long caches may keep a cacheable blob.");

    public static readonly SettingsKey<TimeSpan> HandleSignedUrlTtl = SettingsKeys.Duration(
        "handle.signedUrlTtl", "5m", "1s", "1h", "How long a signed URL is good for when its maker does not say.");

    public static readonly SettingsKey<TimeSpan> HandleChunkTtl = SettingsKeys.Duration(
        "handle.chunkTtl", "28d", "1h", "3650d", "How long a chunk waits for being stitched.");

    public static readonly SettingsKey<string> PeerCertificate = SettingsKeys.Text(
        "peerTls.certificate",
        null,
        "a PEM file",
        "Certificate of this process towards other nodes. With it all connections between nodes use mutual TLS.");

    public static readonly SettingsKey<string> PeerKey = SettingsKeys.Text(
        "peerTls.key", null, "a PEM file", "Private key of that certificate.");

    public static readonly SettingsKey<string> PeerAuthority = SettingsKeys.Text(
        "peerTls.authority", null, "a PEM file", "Authority that the certificates of other nodes must come from.");

    public static readonly SettingsKey<IReadOnlyList<PeerRoute>> Routes = new()
    {
        Name = "routes",
        Type = "list of {\"to\", \"via\"}",
        Default = "[]",
        Range = "`HOST:PORT` each",
        Meaning = "Connections meant for the node `to` are made to `via`: tunnels between data centres, NAT.",
        Absent = [],
        Parse = (JsonElement element, out IReadOnlyList<PeerRoute>? value, out string fault) =>
        {
            fault = "must be a list of {\"to\": \"HOST:PORT\", \"via\": \"HOST:PORT\"}";
            return SettingsKeys.TryList(element, PeerRoutes.TryRead, out value);
        },
    };

    public static readonly SettingsKey<DurabilityMode> Durability = SettingsKeys.Word(
        "durability",
        DurabilityMode.Group,
        "When a replica answers a write: `group` after an fdatasync that concurrent writes share, `each` after one of "
        + "its own, `interval` from the page cache.");

    public static readonly SettingsKey<long> SegmentSize = SettingsKeys.Bytes(
        "segmentSize", "128MiB", "8MiB", "1GiB", "Space that each partition takes, and gives back, at a time.");

    public static readonly SettingsKey<bool> ReserveSpace = SettingsKeys.Switch(
        "reserveSpace",
        false,
        "Whether every replica takes the space of its whole capacity when it is made, and never fails for want of it.");

    public static readonly SettingsKey<TimeSpan> DeletedRetention = SettingsKeys.Duration(
        "deletedRetention", "7d", "0s", "3650d", "How long the space of deleted blobs is kept.");

    public static readonly SettingsKey<long> CompactionRate = SettingsKeys.Bytes(
        "compactionRate", "10MiB", "0", null, "Bytes a second that compaction copies at most; 0 knows no limit.");

    public static readonly SettingsKey<long> ScrubRate = SettingsKeys.Bytes(
        "scrubRate", "1MiB", "0", null, "Bytes a second of stored data that are verified; 0 verifies none.");

    public static readonly SettingsKey<bool> HardDelete = SettingsKeys.Switch(
        "hardDelete", false, "Whether deleted content is overwritten with zeros once its retention is over.");

    public static readonly SettingsKey<InterMode> ReplicationMode = SettingsKeys.Word(
        "replication.between",
        InterMode.AllToAll,
        "Who pulls between data centres: `allToAll` every replica, `leaderBased` the leader of each data centre.");

    public static readonly SettingsKey<int> WorkersWithin = SettingsKeys.Number(
        "replication.workersWithin", 4, 1, 64, "Rounds at once with peers of the same data centre.");

    public static readonly SettingsKey<int> WorkersBetween = SettingsKeys.Number(
        "replication.workersBetween", 2, 1, 64, "Rounds at once with peers of other data centres.");

    public static readonly SettingsKey<long> RateWithin = SettingsKeys.Bytes(
        "replication.rateWithin", "0", "0", null, "Bytes a second pulled within the data centre; 0 knows no limit.");

    public static readonly SettingsKey<long> RateBetween = SettingsKeys.Bytes(
        "replication.rateBetween", "0", "0", null, "Bytes a second pulled from other data centres; 0 knows no limit.");

    public static readonly SettingsKey<int> MetadataShards = SettingsKeys.Number(
        "metadata.shards",
        16,
        1,
        1024,
        "Shards of the mapping; fixed when `dataDir` is made. More hold more objects, each costs a thread.");

    public static readonly SettingsKey<long> RouterMemory = SettingsKeys.Bytes(
        "router.memory", "160MiB", "16MiB", null, "Content that all requests of a gateway hold at once.");

    public static readonly SettingsKey<TimeSpan> DrainLimit = SettingsKeys.Duration(
        "drainLimit", "30s", "1s", "1h", "How long requests under way may go on after a stop.");

    public static readonly SettingsKey<LogVerbosity> LogLevel = SettingsKeys.Word(
        "logLevel", LogVerbosity.Information, "The least that the log says; requests are at `debug`.");

    public static readonly IReadOnlyList<SettingsKey> All =
    [
        Roles, NodeHost, NodePort, NodeListen, DataCenter, DataDir, ClusterMap, Admin, AdminToken,
        S3Listen, S3Region, S3Domains, S3CorsOrigins, HandleListen, HandleKey, HandleAccounts,
        HandlePublicUrl, HandleCorsOrigins, HandleCacheTtl, HandleSignedUrlTtl, HandleChunkTtl,
        PeerCertificate, PeerKey, PeerAuthority, Routes,
        Durability, SegmentSize, ReserveSpace, DeletedRetention, CompactionRate, ScrubRate, HardDelete,
        ReplicationMode, WorkersWithin, WorkersBetween, RateWithin, RateBetween,
        MetadataShards, RouterMemory, DrainLimit, LogLevel,
    ];
}
