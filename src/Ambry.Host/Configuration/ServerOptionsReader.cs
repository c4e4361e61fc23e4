using System.Net;
using Ambry.Host.Handles;
using Ambry.Host.Parts;
using Ambry.Protocol;
using Ambry.Replication;

namespace Ambry.Host.Configuration;

/// <summary>
/// From the text of a configuration file to options, with everything that is wrong listed at once: what each key may
/// hold, and what keys mean together. Pure.
/// </summary>
internal sealed class ServerOptionsReader
{
    public const string AdminTokenVariable = "AMBRY_ADMIN_TOKEN";

    private const int SecretLengthMin = 16;

    private readonly SettingsReader _file;
    private readonly string _folder;
    private readonly Func<string, string?> _environment;

    private ServerOptionsReader(SettingsReader file, string folder, Func<string, string?> environment)
    {
        _file = file;
        _folder = folder;
        _environment = environment;
    }

    /// <param name="folder">What relative paths are relative to: where the file lies.</param>
    public static ServerOptionsResult Read(
        ReadOnlyMemory<byte> utf8Json, string folder, Func<string, string?> environment)
    {
        var file = SettingsReader.Read(utf8Json, ServerSettings.All);
        ServerOptions options = new ServerOptionsReader(file, folder, environment).ToOptions();
        return new ServerOptionsResult(file.Faults.Count == 0 ? options : null, file.Faults);
    }

    private ServerOptions ToOptions()
    {
        IReadOnlyList<NodeRole> roles = _file.Require(ServerSettings.Roles, "what this process does")!;
        bool isData = roles.Contains(NodeRole.Data);
        ListenAddress? admin = _file.Require(ServerSettings.Admin, "where health is asked for");
        DataNodeId? node = isData ? ReadNode() : null;
        var options = new ServerOptions
        {
            Roles = roles,
            Node = node,
            PeerListen = node is { } id ? _file.Get(ServerSettings.NodeListen) ?? ToListen(id) : null,
            DataCenter = new DataCenterId(
                (byte)_file.Require(ServerSettings.DataCenter, "the id of a data centre of the cluster map")),
            DataFolder = ToPath(_file.Require(ServerSettings.DataDir, "where this process keeps its files")) ?? "",
            FirstClusterMap = ToPath(_file.Get(ServerSettings.ClusterMap)),
            Admin = admin ?? new ListenAddress("localhost", 1),
            AdminToken = ReadAdminToken(admin),
            S3 = ReadS3(),
            Handle = ReadHandle(),
            PeerTls = ReadTls(),
            Routes = _file.Get(ServerSettings.Routes)!,
            Durability = _file.Get(ServerSettings.Durability),
            SegmentBytes = _file.Get(ServerSettings.SegmentSize),
            ReserveSpace = _file.Get(ServerSettings.ReserveSpace),
            Storage = new StorageSettings(
                _file.Get(ServerSettings.DeletedRetention),
                _file.Get(ServerSettings.CompactionRate),
                _file.Get(ServerSettings.ScrubRate),
                _file.Get(ServerSettings.HardDelete)),
            Replication = ReadReplication(),
            MetadataShards = _file.Get(ServerSettings.MetadataShards),
            RouterMemoryBytes = _file.Get(ServerSettings.RouterMemory),
            DrainLimit = _file.Get(ServerSettings.DrainLimit),
            LogLevel = _file.Get(ServerSettings.LogLevel),
        };
        CheckRoles(options);
        return options;
    }

    private DataNodeId ReadNode()
    {
        const string why = "it names this data node in the cluster map";
        return new DataNodeId(
            _file.Require(ServerSettings.NodeHost, why) ?? "", _file.Require(ServerSettings.NodePort, why));
    }

    /// <summary>An address is listened at as it is; behind a name there may be any.</summary>
    private static ListenAddress ToListen(DataNodeId node) =>
        new(IPAddress.TryParse(node.Host, out _) || node.Host == "localhost" ? node.Host : "*", node.Port);

    private string? ReadAdminToken(ListenAddress? admin)
    {
        string? token = _environment(AdminTokenVariable) is { Length: > 0 } given
            ? given
            : _file.Get(ServerSettings.AdminToken);
        string name = ServerSettings.AdminToken.Name;
        if (token is null && admin is { IsLoopback: false })
        {
            _file.AddFault(name, $"is missing: {admin.Host}:{admin.Port} can be reached from other machines");
        }
        else if (token is { Length: < SecretLengthMin })
        {
            _file.AddFault(name, $"must have {SecretLengthMin} characters or more");
        }

        return token;
    }

    private S3Options? ReadS3()
    {
        if (!_file.Has("s3"))
        {
            return null;
        }

        ListenAddress? listen = _file.Require(ServerSettings.S3Listen, "where S3 clients connect");
        return new S3Options(
            listen ?? new ListenAddress("localhost", 1),
            _file.Get(ServerSettings.S3Region)!,
            _file.Get(ServerSettings.S3Domains)!,
            _file.Get(ServerSettings.S3CorsOrigins)!);
    }

    private HandleOptions? ReadHandle()
    {
        if (!_file.Has("handle"))
        {
            return null;
        }

        ListenAddress? listen = _file.Require(ServerSettings.HandleListen, "where handle clients connect");
        var options = new HandleOptions
        {
            Listen = listen ?? new ListenAddress("localhost", 1),
            Key = _file.Get(ServerSettings.HandleKey),
            Accounts = _file.Get(ServerSettings.HandleAccounts)!,
            PublicUrl = _file.Get(ServerSettings.HandlePublicUrl),
            CorsOrigins = _file.Get(ServerSettings.HandleCorsOrigins)!,
            CacheTtl = _file.Get(ServerSettings.HandleCacheTtl),
            SignedUrlTtl = _file.Get(ServerSettings.HandleSignedUrlTtl),
            ChunkTtl = _file.Get(ServerSettings.HandleChunkTtl),
        };
        _file.AddFaults(HandleOptionsRules.Validate(options));
        return options;
    }

    private ReplicationOptions ReadReplication() => new()
    {
        InterMode = _file.Get(ServerSettings.ReplicationMode),
        WorkersWithin = _file.Get(ServerSettings.WorkersWithin),
        WorkersBetween = _file.Get(ServerSettings.WorkersBetween),
        BytesPerSecondWithin = _file.Get(ServerSettings.RateWithin),
        BytesPerSecondBetween = _file.Get(ServerSettings.RateBetween),
    };

    private PeerTlsFiles? ReadTls()
    {
        if (!_file.Has("peerTls"))
        {
            return null;
        }

        const string why = "peerTls needs certificate, key and authority";
        string? certificate = ToPath(_file.Require(ServerSettings.PeerCertificate, why));
        string? key = ToPath(_file.Require(ServerSettings.PeerKey, why));
        string? authority = ToPath(_file.Require(ServerSettings.PeerAuthority, why));
        return new PeerTlsFiles(certificate ?? "", key ?? "", authority ?? "");
    }

    private void CheckRoles(ServerOptions options)
    {
        const string roles = "roles";
        bool isGateway = options.Has(NodeRole.Gateway);
        bool isMetadata = options.Has(NodeRole.Metadata);
        if (isGateway && options.S3 is null && options.Handle is null)
        {
            _file.AddFault(roles, "gateway needs s3.listen or handle.listen");
        }

        if (isGateway && options.S3 is not null && !isMetadata)
        {
            _file.AddFault(roles, "the S3 gateway needs the mapping in its process: add \"metadata\"");
        }

        if (isMetadata && !(isGateway && options.S3 is not null))
        {
            _file.AddFault(roles, "metadata without an S3 gateway in the same process answers nobody");
        }

        CheckUnused(_file.Has("s3") && !isGateway, "s3", "gateway");
        CheckUnused(_file.Has("handle") && !isGateway, "handle", "gateway");
        CheckUnused(_file.Has("node") && !options.Has(NodeRole.Data), "node", "data");
    }

    private void CheckUnused(bool isUnused, string key, string role)
    {
        if (isUnused)
        {
            _file.AddFault(key, $"means nothing without the role \"{role}\"");
        }
    }

    private string? ToPath(string? path) => path is null ? null : Path.GetFullPath(path, _folder);
}

/// <param name="Options">Null when there are faults.</param>
/// <param name="Faults">Each with its key.</param>
internal sealed record ServerOptionsResult(ServerOptions? Options, IReadOnlyList<string> Faults);
