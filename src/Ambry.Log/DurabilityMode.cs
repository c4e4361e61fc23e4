namespace Ambry.Log;

/// <summary>When an append is answered.</summary>
public enum DurabilityMode
{
    /// <summary>After an fdatasync that many appends share. The default.</summary>
    Group,

    /// <summary>From the page cache; synced every few seconds. Safe only with replicas elsewhere.</summary>
    Interval,

    /// <summary>After an fdatasync of its own.</summary>
    Each,
}
