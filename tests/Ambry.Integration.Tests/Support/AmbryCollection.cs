namespace Ambry.Integration.Tests.Support;

/// <summary>The tests that share one running store.</summary>
[CollectionDefinition(Name)]
public sealed class AmbryCollection : ICollectionFixture<AmbryFixture>
{
    public const string Name = "One running store";
}
