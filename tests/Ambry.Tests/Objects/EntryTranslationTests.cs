using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class EntryTranslationTests
{
    private readonly MetadataSamples _samples = new(seed: 12);

    [Fact]
    public void An_entry_is_shown_with_all_it_carries()
    {
        var bucket = new BucketRecord(new BucketId(3), "b", MetadataSamples.Time, "o", "r", 1);
        var entry = _samples.FullEntry(bucket);

        var stored = EntryTranslation.ToStored(ObjectsWorld.Path("k"), entry);

        stored.SizeBytes.ShouldBe(entry.SizeBytes);
        stored.ETag.ShouldBe(entry.ETag);
        stored.LastModified.ShouldBe(entry.LastModified);
        stored.Owner.ShouldBe(entry.Owner);
        EntryTranslation.ToRecords(stored.Headers).ShouldBe(entry.Headers);
        EntryTranslation.ToRecords(stored.UserMetadata).ShouldBe(entry.UserMetadata);
        EntryTranslation.ToRecord(stored.Checksum).ShouldBe(entry.Checksum);
        stored.Parts.Select(part => new PartSummary(part.Number, part.SizeBytes, part.Checksum)).ShouldBe(entry.Parts);
        stored.Entry.ShouldBeSameAs(entry);
    }

    [Fact]
    public void What_is_absent_stays_absent()
    {
        var stored = EntryTranslation.ToStored(ObjectsWorld.Path("k"), _samples.Entry());

        stored.Checksum.ShouldBeNull();
        stored.Headers.ShouldBeEmpty();
        stored.UserMetadata.ShouldBeEmpty();
        stored.Parts.ShouldBeEmpty();
        EntryTranslation.ToRecord((StoredChecksum?)null).ShouldBeNull();
    }

    [Fact]
    public void A_part_an_upload_and_a_bucket_are_shown_with_all_they_carry()
    {
        var part = new PartRecord(
            7,
            _samples.Blob(),
            8,
            "tag",
            MetadataSamples.Time,
            [new ObjectChecksum("SHA256", "AA==", IsComposite: false)]);
        var shown = EntryTranslation.ToStored(part);
        shown.ShouldBe(new StoredPart(7, 8, "tag", MetadataSamples.Time, shown.Checksums) { Record = part });
        shown.Checksums.ShouldBe([new StoredChecksum("SHA256", "AA==")]);

        var record = _samples.Upload("k") with { ChecksumAlgorithm = "CRC32", ChecksumIsComposite = true };
        var upload = EntryTranslation.ToUpload("b", record);
        upload.UploadId.ShouldBe(UploadIds.Format(record.Id));
        (upload.Path.Bucket, upload.Owner, upload.InitiatedAt).ShouldBe(("b", record.Owner, record.InitiatedAt));
        (upload.ChecksumAlgorithm, upload.ChecksumIsComposite).ShouldBe(("CRC32", true));

        EntryTranslation.ToBucket(new BucketRecord(new BucketId(3), "b", MetadataSamples.Time, "o", "r", 1))
            .ShouldBe(new Bucket("b", MetadataSamples.Time, "o", "r"));
    }

    [Fact]
    public void A_condition_keeps_both_its_sides() =>
        EntryTranslation.ToRecord(new ObjectCondition("a", "b")).ShouldBe(new WriteCondition("a", "b"));
}
