using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Listing;
using Ambry.S3.Requests;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class ListingTests
{
    [Theory]
    [InlineData("a/b-c_d.e~f", "a/b-c_d.e~f")]
    [InlineData("a b", "a%20b")]
    [InlineData("a+b", "a%2Bb")]
    [InlineData("a%b", "a%25b")]
    [InlineData("é", "%C3%A9")]
    [InlineData("\u0001", "%01")]
    [InlineData("<&>\"'", "%3C%26%3E%22%27")]
    public void Names_are_escaped_so_that_every_client_reads_them(string name, string encoded)
    {
        ListEncoding.Encode(name).ShouldBe(encoded);

        // One kind of client takes '+' for a space, the other does not: both must arrive at the name.
        Uri.UnescapeDataString(encoded).ShouldBe(name);
        Uri.UnescapeDataString(encoded.Replace('+', ' ')).ShouldBe(name);
    }

    [Fact]
    public void A_token_gives_back_its_marker() =>
        Gen.Byte.Array[0, 1024].Sample(after =>
            ContinuationToken.Decode(ContinuationToken.Encode(after)).ShouldBe(after));

    [Fact]
    public void A_token_that_was_cut_or_changed_is_refused()
    {
        var token = ContinuationToken.Encode("some/key"u8);
        for (var i = 0; i < token.Length; i++)
        {
            IsRefused(token[..i]);
            IsRefused(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("AAAA")]
    [InlineData("!!!!")]
    [InlineData("AgAAAAA")]
    public void A_made_up_token_is_refused(string token) => IsRefused(token);

    [Theory]
    [InlineData("", 1000)]
    [InlineData("max-keys=", 1000)]
    [InlineData("max-keys=0", 0)]
    [InlineData("max-keys=7", 7)]
    [InlineData("max-keys=1000", 1000)]
    [InlineData("max-keys=1001", 1000)]
    [InlineData("max-keys=2147483647", 1000)]
    public void A_page_has_at_most_1000_keys(string query, int keys)
    {
        ListObjectsQuery.ParseV1(S3Query.Parse(query)).MaxKeys.ShouldBe(keys);
        ListObjectsQuery.ParseV2(S3Query.Parse(query)).MaxKeys.ShouldBe(keys);
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=blah")]
    [InlineData("max-keys=1.5")]
    [InlineData("max-keys=2147483648")]
    [InlineData("max-keys=99999999999999999999")]
    [InlineData("encoding-type=base64")]
    public void Parameters_that_make_no_sense_are_refused(string query) =>
        Should.Throw<S3Exception>(() => ListObjectsQuery.ParseV1(S3Query.Parse(query)))
            .Error.ShouldBe(S3Errors.InvalidArgument);

    [Fact]
    public void Version_1_begins_behind_the_marker()
    {
        var list = ListObjectsQuery.ParseV1(S3Query.Parse("prefix=a%2F&delimiter=%2F&marker=a+b&encoding-type=url"));

        list.PrefixText.ShouldBe("a/");
        list.DelimiterText.ShouldBe("/");
        list.Marker.ShouldBe("a b");
        list.After.ToArray().ShouldBe("a b"u8.ToArray());
        list.IsUrlEncoded.ShouldBeTrue();
    }

    [Fact]
    public void Version_2_prefers_the_token_to_start_after()
    {
        var token = ContinuationToken.Encode("m"u8);
        var query = S3Query.Parse($"start-after=b&continuation-token={token}&fetch-owner=true");
        var list = ListObjectsQuery.ParseV2(query);

        list.After.ToArray().ShouldBe("m"u8.ToArray());
        list.StartAfter.ShouldBe("b");
        list.ContinuationToken.ShouldBe(token);
        list.FetchOwner.ShouldBeTrue();
    }

    [Fact]
    public void Version_2_begins_behind_start_after()
    {
        var list = ListObjectsQuery.ParseV2(S3Query.Parse("start-after=b"));

        Encoding.UTF8.GetString(list.After.Span).ShouldBe("b");
        list.ContinuationToken.ShouldBeNull();
        list.FetchOwner.ShouldBeFalse();
    }

    [Fact]
    public void An_upload_id_marker_counts_only_beside_a_key_marker()
    {
        ListUploadsQuery.Parse(S3Query.Parse("upload-id-marker=u")).UploadIdMarker.ShouldBeNull();
        ListUploadsQuery.Parse(S3Query.Parse("key-marker=k&upload-id-marker=u")).UploadIdMarker.ShouldBe("u");
        ListUploadsQuery.Parse(S3Query.Parse("max-uploads=5&prefix=p")).MaxUploads.ShouldBe(5);
    }

    [Theory]
    [InlineData("uploadId=u", 0, 1000)]
    [InlineData("uploadId=u&part-number-marker=3&max-parts=2", 3, 2)]
    [InlineData("uploadId=u&max-parts=5000", 0, 1000)]
    public void Parts_are_listed_behind_a_number(string query, int marker, int parts) =>
        ListPartsQuery.Parse(S3Query.Parse(query)).ShouldBe(new ListPartsQuery("u", marker, parts));

    [Theory]
    [InlineData("part-number-marker=x")]
    [InlineData("part-number-marker=-1")]
    [InlineData("max-parts=-1")]
    public void Parts_behind_nonsense_are_refused(string query) =>
        Should.Throw<S3Exception>(() => ListPartsQuery.Parse(S3Query.Parse(query)));

    [Fact]
    public void Buckets_are_listed_in_pages()
    {
        var token = ContinuationToken.Encode("bucket-a"u8);

        ListBucketsQuery.Parse(S3Query.Empty).ShouldBe(new ListBucketsQuery("", null, 10_000, null));
        ListBucketsQuery.Parse(S3Query.Parse($"max-buckets=2&prefix=b&bucket-region=x&continuation-token={token}"))
            .ShouldBe(new ListBucketsQuery("b", "bucket-a", 2, "x"));
    }

    [Theory]
    [InlineData("max-buckets=0")]
    [InlineData("max-buckets=10001")]
    [InlineData("max-buckets=x")]
    [InlineData("continuation-token=x")]
    public void Buckets_of_nonsense_are_refused(string query) =>
        Should.Throw<S3Exception>(() => ListBucketsQuery.Parse(S3Query.Parse(query)))
            .Error.ShouldBe(S3Errors.InvalidArgument);

    private static void IsRefused(string token)
    {
        var error = Should.Throw<S3Exception>(() => ContinuationToken.Decode(token));
        error.Error.ShouldBe(S3Errors.InvalidArgument);
        error.Message.ShouldBe("The continuation token provided is incorrect");
    }
}
