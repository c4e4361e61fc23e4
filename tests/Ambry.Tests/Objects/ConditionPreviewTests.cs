using Ambry.Metadata;
using Ambry.Metadata.State;
using Ambry.Objects;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ConditionPreviewTests
{
    [Theory]
    [InlineData(null, null, null, ObjectError.None)]
    [InlineData(null, null, "a", ObjectError.None)]
    [InlineData("a", null, "a", ObjectError.None)]
    [InlineData("*", null, "a", ObjectError.None)]
    [InlineData("a", null, "b", ObjectError.PreconditionFailed)]
    [InlineData("a", null, null, ObjectError.NoSuchKey)]
    [InlineData("*", null, null, ObjectError.NoSuchKey)]
    [InlineData(null, "*", null, ObjectError.None)]
    [InlineData(null, "a", null, ObjectError.None)]
    [InlineData(null, "*", "a", ObjectError.PreconditionFailed)]
    [InlineData(null, "a", "a", ObjectError.PreconditionFailed)]
    [InlineData(null, "a", "b", ObjectError.None)]
    [InlineData("b", "a", "b", ObjectError.None)]
    [InlineData("a", "a", "a", ObjectError.PreconditionFailed)]
    public void It_says_what_the_shard_would_say(
        string? match, string? noneMatch, string? current, ObjectError expected)
    {
        ConditionPreview.Check(new ObjectCondition(match, noneMatch), current).ShouldBe(expected);

        var decided = ObjectCommands.Check(new WriteCondition(match, noneMatch), Entry(current));
        ObjectErrorMap.From(decided).ShouldBe(expected);
    }

    private static ObjectEntry? Entry(string? etag) => etag is null ? null : new ObjectEntry
    {
        HolderId = Guid.Empty,
        Handle = new BlobHandle(default(BlobId)),
        SizeBytes = 0,
        ETag = etag,
        LastModified = default,
        Owner = "",
    };
}
