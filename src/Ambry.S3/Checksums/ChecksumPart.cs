namespace Ambry.S3.Checksums;

/// <summary>What combining needs of a part.</summary>
public readonly record struct ChecksumPart(string Base64, long SizeBytes);
