namespace Ambry.Integration.Tests.Cluster;

/// <summary>The tests that share one cluster of three data nodes, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "One running cluster";
}
