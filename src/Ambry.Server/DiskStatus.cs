namespace Ambry.Server;

/// <summary>What an operator sees of one disk.</summary>
/// <param name="Reason">Why it is not healthy; null when it is.</param>
/// <param name="TotalBytes">Of its file system; <see cref="long.MaxValue"/> when unknown, as of an absent disk.</param>
/// <param name="FreeBytes">As of the last probe; <see cref="long.MaxValue"/> when unknown.</param>
/// <param name="HungCalls">Calls that the device has still not answered after their limit.</param>
/// <param name="OpenReplicas">Replicas whose stores run.</param>
/// <param name="AssignedBytes">What the layout lets its replicas grow to.</param>
public sealed record DiskStatus(
    string MountPath,
    DiskState State,
    string? Reason,
    long TotalBytes,
    long FreeBytes,
    int HungCalls,
    int Replicas,
    int OpenReplicas,
    long AssignedBytes)
{
    /// <summary>Whether the layout promises more than the file system can hold.</summary>
    public bool IsOvercommitted => AssignedBytes > TotalBytes;

    /// <summary>
    /// Why a node with these disks should not be sent requests, in one line; null when nothing of them speaks against
    /// it. A full disk does not: it still reads.
    /// </summary>
    public static string? FaultOf(IReadOnlyList<DiskStatus> disks)
    {
        DiskStatus[] bad = [.. disks.Where(d => d.State is DiskState.Failed or DiskState.ReadOnly)];
        string worst = string.Join("; ", bad.Select(d => $"disk {d.MountPath} is {d.State}: {d.Reason}"));
        return bad.Length == 0 ? null
            : bad.Length == disks.Count && bad.All(d => d.State == DiskState.Failed) ? $"no disk serves: {worst}"
            : worst;
    }
}
