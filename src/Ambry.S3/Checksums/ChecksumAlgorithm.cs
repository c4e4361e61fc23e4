namespace Ambry.S3.Checksums;

/// <summary>The checksums that S3 clients send and ask for. The first three can be combined from their parts' values.</summary>
public enum ChecksumAlgorithm
{
    Crc32,
    Crc32C,
    Crc64Nvme,
    Sha1,
    Sha256,
}
