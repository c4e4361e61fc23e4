namespace Ambry.Host.Configuration;

/// <summary>What a process does; one may do several.</summary>
internal enum NodeRole
{
    /// <summary>Holds replicas on disks and answers peers.</summary>
    Data,

    /// <summary>Answers S3 clients, or those of the handle API, out of the data nodes.</summary>
    Gateway,

    /// <summary>Holds the mapping from names to blobs.</summary>
    Metadata,
}
