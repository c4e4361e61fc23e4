using System.Globalization;

namespace Ambry.Protocol;

/// <summary>Names one partition: a fixed-capacity append-only log that every one of its replicas holds.</summary>
public readonly record struct PartitionId(uint Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
