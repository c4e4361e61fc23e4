namespace Ambry.S3.Checksums;

/// <summary>A checksum as S3 writes it: the big-endian digest in Base64.</summary>
public readonly record struct ChecksumValue(ChecksumAlgorithm Algorithm, string Base64);
