namespace Ambry.Protocol;

/// <summary>Names one data node by the host and port that its peers reach it at.</summary>
public readonly record struct DataNodeId(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";
}
