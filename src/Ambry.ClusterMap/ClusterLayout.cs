namespace Ambry.ClusterMap;

/// <summary>
/// Everything that is written down about a cluster: hardware and partitions. Immutable. What <see cref="Parse"/>
/// returns without faults keeps every rule of <see cref="ClusterLayoutRules"/>.
/// </summary>
public sealed record ClusterLayout(HardwareLayout HardwareLayout, PartitionLayout PartitionLayout)
{
    /// <summary>The version of the JSON shape that this code writes and the newest it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>Which of two layouts of a cluster is newer: every change raises the version of one half.</summary>
    public long Version => HardwareLayout.Version + PartitionLayout.Version;

    /// <summary>Reads the JSON form; lists every fault it can find, not only the first.</summary>
    public static ClusterLayoutResult Parse(ReadOnlyMemory<byte> utf8Json) => ClusterLayoutReader.Read(utf8Json);

    /// <summary>The JSON form, indented, that <see cref="Parse"/> reads back to an equal layout.</summary>
    public byte[] ToJson() => ClusterLayoutWriter.Write(this);
}

/// <param name="Layout">Null when there are faults.</param>
/// <param name="Faults">Each with the place it is at; empty when the layout is good.</param>
public sealed record ClusterLayoutResult(ClusterLayout? Layout, IReadOnlyList<string> Faults);
