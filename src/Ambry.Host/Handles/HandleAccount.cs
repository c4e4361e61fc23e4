namespace Ambry.Host.Handles;

/// <summary>
/// A tenant of the handle API, as configured. Its id stands in the ids of its blobs and never changes.
/// </summary>
internal sealed record HandleAccount(string Name, ushort Id, IReadOnlyList<HandleContainer> Containers);

/// <summary>A group of an account's blobs with common rules.</summary>
/// <param name="Cacheable">Whether caches between a client and this server may keep its blobs.</param>
/// <param name="CacheTtlSeconds">For how long; null for the default of <see cref="HandleOptions"/>.</param>
/// <param name="TtlRequired">Whether a blob without an expiry is refused.</param>
internal sealed record HandleContainer(
    string Name, ushort Id, bool Cacheable = false, long? CacheTtlSeconds = null, bool TtlRequired = false);
