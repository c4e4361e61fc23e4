namespace Ambry.Protocol;

/// <summary>Names the data centre a blob was first written in; part of every blob id.</summary>
public readonly record struct DataCenterId(byte Value);
