using Ambry.S3.Errors;

namespace Ambry.S3.Operations;

/// <summary>One rule about a header that asks for more than is built. Immutable.</summary>
/// <param name="Name">In lower case; a trailing '*' stands for any ending.</param>
/// <param name="Operations">Where the rule holds; elsewhere the header has no meaning.</param>
/// <param name="Error">The answer.</param>
public sealed record UnsupportedHeader(string Name, IReadOnlyList<S3OperationKind> Operations, S3Error Error)
{
    /// <summary>Values that ask for nothing special.</summary>
    public IReadOnlyList<string> Accepted { get; init; } = [];

    /// <summary>Values that AWS knows and that get <see cref="KnownError"/>.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    public S3Error? KnownError { get; init; }

    /// <summary>Instead of the error's own.</summary>
    public string? Message { get; init; }

    /// <summary>Passes when another header is meant, or a value that asks for nothing.</summary>
    internal void Check(string name, string value)
    {
        if (value.Length == 0 || !Means(name) || Accepted.Contains(value))
        {
            return;
        }

        throw new S3Exception(Known.Contains(value) ? KnownError ?? Error : Error, Message)
        {
            Extras = [new("ArgumentName", name.ToLowerInvariant()), new("ArgumentValue", value)],
        };
    }

    private bool Means(string name) => Name.EndsWith('*')
        ? name.AsSpan().StartsWith(Name.AsSpan()[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(Name, StringComparison.OrdinalIgnoreCase);
}
