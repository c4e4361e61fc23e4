using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>What background work does about an exception of one store: the others go on.</summary>
internal static class MaintenanceFaults
{
    public static void Report(HostedReplica replica, Exception fault, ILogger logger)
    {
        if (fault is InvariantViolationException)
        {
            replica.TakeOutOfService();
            Log.ReplicaOutOfService(logger, replica.Partition, fault);
        }
        else
        {
            Log.MaintenanceFailed(logger, replica.Partition, fault);
        }
    }
}
