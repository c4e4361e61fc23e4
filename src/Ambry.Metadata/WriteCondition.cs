namespace Ambry.Metadata;

/// <summary>
/// What must hold of the current version for a change to take effect, decided inside the shard. ETags without quotes.
/// </summary>
/// <param name="IfMatch">Null for no condition, "*" for any version. On an absent key it answers NoSuchKey.</param>
/// <param name="IfNoneMatch">Null for no condition, "*" for no version at all.</param>
public readonly record struct WriteCondition(string? IfMatch = null, string? IfNoneMatch = null);
