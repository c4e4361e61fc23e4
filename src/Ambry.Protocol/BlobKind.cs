namespace Ambry.Protocol;

/// <summary>What the content of a blob is; the values are stored in blob ids and never change.</summary>
public enum BlobKind : byte
{
    /// <summary>The whole content of a blob that fits in one chunk.</summary>
    Simple = 1,

    /// <summary>One chunk of a composite blob, reached only through its metadata blob.</summary>
    Chunk = 2,

    /// <summary>A metadata blob: the list of the chunks of a composite blob.</summary>
    Composite = 3,
}
