using Ambry.Protocol;

namespace Ambry.Testing.Replication;

/// <summary>One call on its way; exactly one of the requests is there.</summary>
public sealed record ReplicationCall(
    DataNodeId From, DataNodeId To, ReplicaMetadataRequest? Metadata, FetchBlobsRequest? Fetch);
