using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Records;

namespace Ambry.Store.Inspection;

/// <summary>What the descriptor of a store says.</summary>
public sealed record InspectedDescriptor(PartitionId Partition, Guid Incarnation, DateTimeOffset CreatedAt)
{
    /// <summary>Null when it is missing.</summary>
    /// <exception cref="StoreFormatException">It is damaged, or of a newer version.</exception>
    public static async ValueTask<InspectedDescriptor?> ReadAsync(IDisk disk, string folder, CancellationToken token) =>
        await StoreDescriptor.ReadAsync(disk, folder, token) is { } read
            ? new InspectedDescriptor(read.Partition, read.Incarnation, UnixMillis.ToTime(read.CreatedAtMillis))
            : null;
}
