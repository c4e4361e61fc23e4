namespace Ambry.S3.Conditions;

public enum ByteRangeKind
{
    /// <summary>The whole object, with 200.</summary>
    None,

    /// <summary>A part of it, with 206.</summary>
    Single,

    /// <summary>Nothing of it exists: 416.</summary>
    Unsatisfiable,
}

/// <summary>What a Range header asks of an object of a certain size.</summary>
public readonly record struct ByteRange(ByteRangeKind Kind, long Offset, long Length);
