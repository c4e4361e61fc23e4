using Ambry.Metadata;

namespace Ambry.Objects;

/// <summary>Between the mapping's records and what the layers above see of them. Pure.</summary>
internal static class EntryTranslation
{
    public static StoredObject ToStored(ObjectPath path, ObjectEntry entry) => new()
    {
        Path = path,
        SizeBytes = entry.SizeBytes,
        ETag = entry.ETag,
        LastModified = entry.LastModified,
        Owner = entry.Owner,
        Headers = ToPairs(entry.Headers),
        UserMetadata = ToPairs(entry.UserMetadata),
        Checksum = ToStored(entry.Checksum),
        Parts = [.. entry.Parts.Select(part => new StoredPartSummary(part.Number, part.SizeBytes, part.Checksum))],
        Entry = entry,
    };

    public static Bucket ToBucket(BucketRecord record) =>
        new(record.Name, record.CreatedAt, record.Owner, record.Region);

    public static StoredPart ToStored(PartRecord part) =>
        new(
            part.Number,
            part.SizeBytes,
            part.ETag,
            part.LastModified,
            [.. part.Checksums.Select(sum => ToStored(sum)!)])
        {
            Record = part,
        };

    public static MultipartUpload ToUpload(string bucket, UploadRecord upload) => new(
        new ObjectPath(bucket, upload.Key.Bytes),
        UploadIds.Format(upload.Id),
        upload.InitiatedAt,
        upload.Owner,
        upload.ChecksumAlgorithm,
        upload.ChecksumIsComposite);

    public static StoredChecksum? ToStored(ObjectChecksum? checksum) =>
        checksum is null ? null : new StoredChecksum(checksum.Algorithm, checksum.Value, checksum.IsComposite);

    public static ObjectChecksum? ToRecord(StoredChecksum? checksum) =>
        checksum is null ? null : new ObjectChecksum(checksum.Algorithm, checksum.Value, checksum.IsComposite);

    public static IReadOnlyList<NameValue> ToRecords(IReadOnlyList<KeyValuePair<string, string>> pairs) =>
        [.. pairs.Select(pair => new NameValue(pair.Key, pair.Value))];

    public static WriteCondition ToRecord(ObjectCondition condition) => new(condition.IfMatch, condition.IfNoneMatch);

    private static IReadOnlyList<KeyValuePair<string, string>> ToPairs(IReadOnlyList<NameValue> values) =>
        [.. values.Select(value => new KeyValuePair<string, string>(value.Name, value.Value))];
}
