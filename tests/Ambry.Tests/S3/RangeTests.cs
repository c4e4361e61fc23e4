using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class RangeTests
{
    private static readonly DateTimeOffset Modified = new(1994, 11, 6, 8, 49, 37, 500, TimeSpan.Zero);

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=2-5", 2, 4)]
    [InlineData("bytes=5-", 5, 5)]
    [InlineData("bytes=5-1000", 5, 5)]
    [InlineData("bytes=5-99999999999999999999999", 5, 5)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-1000", 0, 10)]
    [InlineData("bytes=-99999999999999999999999", 0, 10)]
    [InlineData("Bytes=0-0", 0, 1)]
    [InlineData(" bytes=0-0 ", 0, 1)]
    public void A_range_is_clipped_at_the_end(string value, long offset, long length) =>
        RangeHeader.Parse(value, 10).ShouldBe(new ByteRange(ByteRangeKind.Single, offset, length));

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=10-20", 10)]
    [InlineData("bytes=99999999999999999999999-", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    public void A_range_of_nothing_cannot_be_satisfied(string value, long size) =>
        RangeHeader.Parse(value, size).Kind.ShouldBe(ByteRangeKind.Unsatisfiable);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=1-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=1 - 2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=0-1,")]
    [InlineData("items=0-1")]
    public void What_is_malformed_or_several_is_the_whole_object(string? value) =>
        RangeHeader.Parse(value, 10).ShouldBe(new ByteRange(ByteRangeKind.None, 0, 10));

    [Fact]
    public void A_range_never_leaves_the_object() =>
        Gen.Select(Gen.Long[-1, 50], Gen.Long[-1, 50], Gen.Long[0, 40]).Sample((first, last, size) =>
        {
            var text = $"bytes={(first < 0 ? "" : first)}-{(last < 0 ? "" : last)}";
            var range = RangeHeader.Parse(text, size);
            if (range.Kind == ByteRangeKind.Single)
            {
                range.Offset.ShouldBeInRange(0, size - 1);
                range.Length.ShouldBeInRange(1, size - range.Offset);
            }
        });

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("\"abc\"", true)]
    [InlineData("\"x\"", false)]
    [InlineData("W/\"abc\"", false)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", true)]
    [InlineData("Sun, 06 Nov 1994 08:49:38 GMT", false)]
    [InlineData("Sun, 06 Nov 1994 08:49:36 GMT", false)]
    public void If_range_lets_the_range_count_for_the_same_object_only(string? value, bool permits) =>
        IfRange.Permits(value, "abc", Modified).ShouldBe(permits);

    [Theory]
    [InlineData(null, 0, 10)]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=3-3", 3, 1)]
    public void A_copy_takes_the_range_it_names(string? value, long offset, long length) =>
        CopySourceRange.Parse(value, 10).ShouldBe((offset, length));

    [Theory]
    [InlineData("0-9")]
    [InlineData("bytes=0-10")]
    [InlineData("bytes=0-")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=0")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0-1,2-3")]
    [InlineData("Bytes=0-1")]
    [InlineData("bytes=")]
    [InlineData("-")]
    public void A_copy_clips_and_guesses_nothing(string value) =>
        Should.Throw<S3Exception>(() => CopySourceRange.Parse(value, 10)).Error.ShouldBe(S3Errors.InvalidArgument);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("10000", 10000)]
    public void A_part_number_is_read(string value, int number) => PartNumber.Parse(value).ShouldBe(number);

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("1a")]
    [InlineData(" 1")]
    public void A_part_number_out_of_bounds_is_refused(string value) =>
        Should.Throw<S3Exception>(() => PartNumber.Parse(value)).Error.ShouldBe(S3Errors.InvalidArgument);
}
