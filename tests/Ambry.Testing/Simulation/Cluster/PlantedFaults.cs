using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>Faults of the product that the simulation has to find, put between a node and the network.</summary>
public static class PlantedFaults
{
    /// <summary>A put is acknowledged when one replica has it.</summary>
    public static ClusterSimulationOptions AcknowledgeAtOneReplica(ClusterSimulationOptions options) =>
        options with { Router = router => router.PutSuccessTarget = 1 };

    /// <summary>A replica that is not level says "not found" of what it lacks, as if it knew.</summary>
    public static ClusterSimulationOptions TestifyWhileBehind(ClusterSimulationOptions options) =>
        options with { Service = static (_, service) => new HastyWitness(service) };

    private sealed class HastyWitness(IPeerService service) : IPeerService
    {
        public ValueTask<PeerError> PutAsync(PutBlobRequest request, CancellationToken token) =>
            service.PutAsync(request, token);

        public async ValueTask<GetBlobResponse> GetAsync(GetBlobRequest request, CancellationToken token)
        {
            GetBlobResponse answer = await service.GetAsync(request, token);
            return answer.Error == PeerError.NotLevel ? new GetBlobResponse(PeerError.NotFound) : answer;
        }

        public ValueTask<PeerContent?> TryOpenContentAsync(GetBlobRequest request, CancellationToken token) =>
            service.TryOpenContentAsync(request, token);

        public ValueTask<PeerError> DeleteAsync(DeleteBlobRequest request, CancellationToken token) =>
            service.DeleteAsync(request, token);

        public ValueTask<PeerError> UpdateTtlAsync(UpdateTtlRequest request, CancellationToken token) =>
            service.UpdateTtlAsync(request, token);

        public ValueTask<PeerError> UndeleteAsync(UndeleteBlobRequest request, CancellationToken token) =>
            service.UndeleteAsync(request, token);

        public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
            ReplicaMetadataRequest request, CancellationToken token) => service.GetReplicaMetadataAsync(request, token);

        public ValueTask<FetchBlobsResponse> FetchBlobsAsync(FetchBlobsRequest request, CancellationToken token) =>
            service.FetchBlobsAsync(request, token);

        public ValueTask<ClusterMapResponse> GetClusterMapAsync(long knownVersion, CancellationToken token) =>
            service.GetClusterMapAsync(knownVersion, token);
    }
}
