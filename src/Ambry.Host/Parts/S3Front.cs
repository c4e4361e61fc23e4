using Ambry.Gateway;
using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.S3.Auth;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Parts;

/// <summary>The S3 gateway over a mapping and a router, and the work that goes on behind its requests.</summary>
internal static class S3Front
{
    /// <summary>Far more than a CDN opens to one origin; each costs some tens of kilobytes.</summary>
    private const long ConnectionsMax = 10_000;

    /// <summary>How soon a displaced blob is looked for when there was none: nobody waits for it.</summary>
    private static readonly LoopPace QueuePace = LoopPace.WhenIdle(TimeSpan.FromSeconds(1));

    /// <summary>The limits that the gateway relies on, and a bound on what a flood of connections can take.</summary>
    public static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        S3Gateway.ConfigureKestrel(kestrel, new GatewayOptions());
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
    }

    /// <summary>Opens the gateway on top of the parts that there are.</summary>
    public static S3Gateway Open(
        PartStack parts,
        GatewayOptions options,
        RootCredentials credentials,
        LocalMetadataStore metadata,
        BlobRouter router,
        IIdSource ids,
        TimeProvider time,
        ILoggerFactory logs)
    {
        var objects = new ObjectStore(metadata, router, ids, time, logs.CreateLogger<ObjectStore>());
        ICredentialStore accounts = new RootCredentialStore(credentials, options.OwnerId, options.OwnerDisplayName);
        var gateway = parts.Own(new S3Gateway(objects, accounts, time, ids, logs, options));
        var logger = logs.CreateLogger("Ambry.Host.Workers");
        var reclaimer = new Reclaimer(metadata, router, logs.CreateLogger<Reclaimer>());
        parts.Drive("reclaim", reclaimer.RunOnceAsync, QueuePace, time, logger);
        return gateway;
    }

    /// <summary>Drives what takes back the blobs of puts that failed.</summary>
    public static void DriveDiscards(PartStack parts, BlobRouter router, TimeProvider time, ILogger logger) =>
        parts.Drive("discard", router.BackgroundDeleter.RunOnceAsync, QueuePace, time, logger);
}
