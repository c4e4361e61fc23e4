using System.Text;
using Ambry.S3.Requests;

namespace Ambry.S3.Listing;

/// <summary>The parameters of ListMultipartUploads. Immutable.</summary>
/// <param name="UploadIdMarker">Null unless a key marker came with it: alone it means nothing.</param>
/// <param name="MaxUploads">0 to 1,000.</param>
public sealed record ListUploadsQuery(
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Delimiter,
    ReadOnlyMemory<byte> KeyMarker,
    string? UploadIdMarker,
    int MaxUploads)
{
    public bool IsUrlEncoded { get; private init; }

    public string PrefixText => Encoding.UTF8.GetString(Prefix.Span);

    public string DelimiterText => Encoding.UTF8.GetString(Delimiter.Span);

    public string KeyMarkerText => Encoding.UTF8.GetString(KeyMarker.Span);

    /// <exception cref="Errors.S3Exception">InvalidArgument.</exception>
    public static ListUploadsQuery Parse(S3Query query)
    {
        var keyMarker = ListParameters.Bytes(query, "key-marker");
        return new ListUploadsQuery(
            ListParameters.Bytes(query, "prefix"),
            ListParameters.Bytes(query, "delimiter"),
            keyMarker,
            keyMarker.Length == 0 ? null : ListParameters.Text(query, "upload-id-marker"),
            ListParameters.PageSize(query, "max-uploads"))
        {
            IsUrlEncoded = ListParameters.IsUrlEncoded(query),
        };
    }
}
