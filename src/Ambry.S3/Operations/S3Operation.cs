using Ambry.S3.Errors;

namespace Ambry.S3.Operations;

/// <summary>What a target names.</summary>
public enum S3Level
{
    Service,
    Bucket,
    Object,
}

/// <summary>How an operation is answered.</summary>
public enum S3OperationState
{
    /// <summary>With NotImplemented, after authentication and before anything has happened.</summary>
    NotImplemented,

    /// <summary>
    /// Truthfully, as for a configuration that nobody has set: with <see cref="S3Operation.AbsenceError"/>, or with
    /// an empty <see cref="S3Operation.EmptyDocument"/>, once the bucket is known to exist.
    /// </summary>
    Absent,

    Implemented,
}

/// <summary>One row of the operation table: what selects the operation and how far it is built. Immutable.</summary>
/// <param name="Kind">AWS's name.</param>
/// <param name="Method">In upper case.</param>
/// <param name="Level">What the target names.</param>
/// <param name="Selector">The query parameter that selects a sub-resource; null for the resource itself.</param>
public sealed record S3Operation(S3OperationKind Kind, string Method, S3Level Level, string? Selector)
{
    public string Name => Kind.ToString();

    /// <summary>Parameters that have to come too, as "name" or "name=value".</summary>
    public IReadOnlyList<string> Refinements { get; init; } = [];

    /// <summary>A header that has to come too, if only empty.</summary>
    public string? Header { get; init; }

    public S3OperationState State { get; init; }

    /// <summary>The answer of an absent configuration, when that is an error.</summary>
    public S3Error? AbsenceError { get; init; }

    /// <summary>
    /// The root element of an absent configuration's answer, when that is a document without content.
    /// </summary>
    public string? EmptyDocument { get; init; }

    /// <summary>Elements of that document which even the absence has, such as who pays.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DocumentContent { get; init; } = [];

    /// <summary>The test class that proves an implemented operation.</summary>
    public string? ProvenBy { get; init; }
}
