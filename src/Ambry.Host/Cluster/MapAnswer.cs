namespace Ambry.Host.Cluster;

/// <summary>What became of a cluster map that somebody offered.</summary>
internal enum MapVerdict
{
    /// <summary>It is kept and in force.</summary>
    Taken,

    /// <summary>It is the one that is in force.</summary>
    Known,

    /// <summary>It is older than the one in force, or was made from an older one.</summary>
    Outdated,

    /// <summary>It has the version of the one in force and says something else.</summary>
    Split,

    /// <summary>It breaks a rule, or is another cluster's.</summary>
    Invalid,
}

/// <param name="Version">Of the map in force now.</param>
/// <param name="Offered">Of the map that was offered; 0 when it could not be read.</param>
/// <param name="Faults">Why it is invalid.</param>
internal sealed record MapAnswer(MapVerdict Verdict, long Version, long Offered, IReadOnlyList<string> Faults);
