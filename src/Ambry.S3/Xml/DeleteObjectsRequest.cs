using System.Xml;
using Ambry.S3.Errors;

namespace Ambry.S3.Xml;

/// <param name="ETag">As sent; null for no condition.</param>
/// <param name="HasOtherCondition">Whether a size or a time is named, on which the deletion depends as well.</param>
public readonly record struct DeleteObjectsItem(
    ReadOnlyMemory<byte> Key, string? VersionId, string? ETag, bool HasOtherCondition);

/// <summary>The body of DeleteObjects: 1 to 1,000 keys.</summary>
public sealed record DeleteObjectsRequest(bool IsQuiet, IReadOnlyList<DeleteObjectsItem> Items)
{
    public const int MaxItems = 1000;

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static DeleteObjectsRequest Parse(ReadOnlyMemory<byte> body) => XmlInput.Parse(body, "Delete", ReadRoot);

    private static DeleteObjectsRequest ReadRoot(XmlReader reader)
    {
        var quiet = false;
        var items = new List<DeleteObjectsItem>();
        XmlInput.ForEachChild(reader, name =>
        {
            switch (name)
            {
                case "Quiet":
                    quiet = XmlInput.Boolean(reader);
                    return true;
                case "Object" when items.Count < MaxItems:
                    items.Add(ReadItem(reader));
                    return true;
                case "Object":
                    throw XmlInput.Malformed();
                default:
                    return false;
            }
        });
        return items.Count > 0 ? new DeleteObjectsRequest(quiet, items) : throw XmlInput.Malformed();
    }

    private static DeleteObjectsItem ReadItem(XmlReader reader)
    {
        byte[]? key = null;
        string? version = null;
        string? etag = null;
        var hasOtherCondition = false;
        XmlInput.ForEachChild(reader, name =>
        {
            switch (name)
            {
                case "Key":
                    key = XmlInput.Key(reader);
                    return true;
                case "VersionId":
                    version = XmlInput.Text(reader);
                    return true;
                case "ETag":
                    etag = XmlInput.Text(reader);
                    return true;
                case "Size" or "LastModifiedTime":
                    hasOtherCondition = true;
                    return false;
                default:
                    return false;
            }
        });
        return key is { Length: > 0 }
            ? new DeleteObjectsItem(key, version, etag, hasOtherCondition)
            : throw XmlInput.Malformed();
    }
}
