namespace Ambry.S3.Errors;

/// <summary>
/// Ends a request with an error document. Thrown inside the dialect and the Gateway only; one middleware catches and
/// writes it.
/// </summary>
/// <param name="error">A row of the error table.</param>
/// <param name="message">Instead of the default; never shows paths, hosts or stacks.</param>
public sealed class S3Exception(S3Error error, string? message = null) : Exception(message ?? error.Message)
{
    public S3Error Error { get; } = error;

    /// <summary>Typed extras of the document, such as UploadId or Region, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Extras { get; init; } = [];

    /// <summary>Headers that the answer carries, such as Content-Range on 416.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
