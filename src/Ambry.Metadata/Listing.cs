namespace Ambry.Metadata;

/// <summary>Asks for one page of a listing in byte order of the keys.</summary>
/// <param name="Delimiter">Any bytes; empty for none. Keys that share the bytes up to and with the first delimiter
/// after the prefix become one common prefix.</param>
/// <param name="After">Only keys behind this one. When it is itself a common prefix of this query, everything that
/// begins with it is skipped too, so that the last item of a page is always the next page's marker.</param>
/// <param name="MaxItems">Keys and common prefixes together, 0 to 1,000.</param>
public sealed record ListQuery(
    ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Delimiter, ReadOnlyMemory<byte> After, int MaxItems);

/// <summary>A key with its entry, or a common prefix without.</summary>
public readonly record struct ListItem(ReadOnlyMemory<byte> Key, ObjectEntry? Entry);

/// <param name="IsTruncated">More items follow the last one.</param>
public sealed record ListPage(MetadataError Error, IReadOnlyList<ListItem> Items, bool IsTruncated);

/// <summary>Asks for one page of the uploads under way, by key and then by upload id.</summary>
/// <param name="KeyMarker">Only uploads of keys behind this one, or of this one behind
/// <paramref name="UploadIdMarker"/>.</param>
public sealed record UploadListQuery(
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Delimiter,
    ReadOnlyMemory<byte> KeyMarker,
    Guid? UploadIdMarker,
    int MaxItems);

/// <summary>An upload, or a common prefix without.</summary>
public readonly record struct UploadListItem(ReadOnlyMemory<byte> Key, UploadRecord? Upload);

public sealed record UploadListPage(MetadataError Error, IReadOnlyList<UploadListItem> Items, bool IsTruncated);

public sealed record PartListPage(
    MetadataError Error, UploadRecord? Upload, IReadOnlyList<PartRecord> Parts, bool IsTruncated);
