using System.Text;
using Ambry.S3.Errors;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class S3TargetTests
{
    [Theory]
    [InlineData("/", null, "")]
    [InlineData("/bucket", "bucket", "")]
    [InlineData("/bucket/", "bucket", "")]
    [InlineData("/bucket/?list-type=2", "bucket", "")]
    [InlineData("/bucket?location", "bucket", "")]
    [InlineData("/bucket/key", "bucket", "key")]
    [InlineData("/bucket//", "bucket", "/")]
    [InlineData("/bucket//key", "bucket", "/key")]
    [InlineData("/bucket/a//b", "bucket", "a//b")]
    [InlineData("/bucket/dir/", "bucket", "dir/")]
    [InlineData("/bucket/.", "bucket", ".")]
    [InlineData("/bucket/../other/key", "bucket", "../other/key")]
    [InlineData("/bucket/a/./b", "bucket", "a/./b")]
    [InlineData("/bucket/%2E%2E/x", "bucket", "../x")]
    [InlineData("/bucket/a%2Fb", "bucket", "a/b")]
    [InlineData("/bucket/a%252Fb", "bucket", "a%2Fb")]
    [InlineData("/bucket/a+b", "bucket", "a+b")]
    [InlineData("/bucket/a%2Bb", "bucket", "a+b")]
    [InlineData("/bucket/a%20b%20", "bucket", "a b ")]
    [InlineData("/bucket/%C3%A9", "bucket", "é")]
    [InlineData("/bucket/e%CC%81", "bucket", "e\u0301")]
    [InlineData("/bucket/%00", "bucket", "\0")]
    [InlineData("/bucket/a%3Fb", "bucket", "a?b")]
    [InlineData("/bucket/a\\b", "bucket", "a\\b")]
    public void A_path_names_bucket_and_key_without_normalising(string raw, string? bucket, string key)
    {
        var target = S3Requests.Target(raw);

        target.Bucket.ShouldBe(bucket);
        target.KeyText.ShouldBe(key);
        target.RawPath.ShouldBe(raw.Split('?')[0]);
        target.IsObject.ShouldBe(key.Length > 0);
        target.IsVirtualHost.ShouldBeFalse();
    }

    [Theory]
    [InlineData("photos.s3.example.com", "/", "photos", "")]
    [InlineData("photos.s3.example.com:9000", "/key", "photos", "key")]
    [InlineData("PHOTOS.S3.Example.Com", "/key", "photos", "key")]
    [InlineData("photos.s3.example.com.", "/key", "photos", "key")]
    [InlineData("my.photos.s3.example.com", "/a/b", "my.photos", "a/b")]
    [InlineData("photos.s3.example.com", "//", "photos", "/")]
    [InlineData("photos.example.com", "/key", "photos", "key")]
    public void A_host_below_a_domain_names_the_bucket(string host, string raw, string bucket, string key)
    {
        var target = S3Requests.Target(raw, host);

        target.Bucket.ShouldBe(bucket);
        target.KeyText.ShouldBe(key);
        target.RawPath.ShouldBe(raw);
        target.IsVirtualHost.ShouldBeTrue();
    }

    [Theory]
    [InlineData("s3.example.com")]
    [InlineData("s3.example.com:443")]
    [InlineData("example.com")]
    [InlineData("other.org")]
    [InlineData("notexample.com")]
    [InlineData("127.0.0.1:9000")]
    [InlineData("[::1]:9000")]
    [InlineData("[::1]")]
    [InlineData("")]
    public void Any_other_host_leaves_the_bucket_to_the_path(string host) =>
        S3Requests.Target("/photos/key", host).Bucket.ShouldBe("photos");

    [Theory]
    [InlineData("http://localhost:9000/bucket/key?acl", "bucket", "key", "/bucket/key")]
    [InlineData("HTTPS://photos.s3.example.com/key", "photos", "key", "/key")]
    [InlineData("http://localhost", null, "", "/")]
    [InlineData("http://localhost?x-id=ListBuckets", null, "", "/")]
    public void An_absolute_target_stands_for_host_and_path(string raw, string? bucket, string key, string path)
    {
        var target = S3Requests.Target(raw, "photos.example.com");

        target.Bucket.ShouldBe(bucket);
        target.KeyText.ShouldBe(key);
        target.RawPath.ShouldBe(path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("bucket/key")]
    [InlineData("http:///key")]
    [InlineData("http://user@host/key")]
    [InlineData("/bucket/a%")]
    [InlineData("/bucket/a%4")]
    [InlineData("/bucket/a%zz")]
    [InlineData("/bucket/a%+1")]
    [InlineData("/bucket/%FF")]
    [InlineData("/bucket/%C3")]
    [InlineData("/bucket/%ED%A0%80")]
    [InlineData("/bucket/a b")]
    [InlineData("/bucket/a\tb")]
    [InlineData("/bucket/a\u007f")]
    [InlineData("/bucket/é")]
    [InlineData("/bucket/a#b")]
    [InlineData("/bucket?prefix=%4")]
    [InlineData("/bucket?%zz=1")]
    [InlineData("/bucket?prefix=%FF")]
    public void A_malformed_target_is_an_invalid_uri(string raw) =>
        Should.Throw<S3Exception>(() => S3Requests.Target(raw)).Error.ShouldBe(S3Errors.InvalidURI);

    [Theory]
    [InlineData("//key")]
    [InlineData("/../key")]
    [InlineData("/a%2Fb/key")]
    [InlineData("/a%20b")]
    [InlineData("/%C3%A9/key")]
    public void A_bucket_that_could_break_out_of_its_name_is_refused(string raw) =>
        Should.Throw<S3Exception>(() => S3Requests.Target(raw)).Error.ShouldBe(S3Errors.InvalidBucketName);

    [Fact]
    public void A_key_may_have_1024_bytes_and_no_more()
    {
        S3Requests.Target("/b/" + new string('k', 1024)).Key.Length.ShouldBe(1024);
        S3Requests.Target("/b/" + string.Concat(Enumerable.Repeat("%C3%A9", 512))).Key.Length.ShouldBe(1024);

        var error = Should.Throw<S3Exception>(() => S3Requests.Target("/b/" + new string('k', 1025)));

        error.Error.ShouldBe(S3Errors.KeyTooLongError);
        error.Extras.ShouldContain(new KeyValuePair<string, string>("Size", "1025"));
    }

    [Fact]
    public void A_target_beyond_the_limit_is_refused_before_it_is_read() =>
        Should.Throw<S3Exception>(() => S3Requests.Target("/b/k?x=" + new string('%', 40_000)))
            .Error.ShouldBe(S3Errors.InvalidURI);

    [Fact]
    public void Every_prefix_of_a_target_is_understood_or_refused()
    {
        const string Whole = "http://photos.s3.example.com/a%2Fb+c%C3%A9?prefix=%20x&delimiter=%2F&acl";
        for (var length = 0; length <= Whole.Length; length++)
        {
            try
            {
                S3Requests.Target(Whole[..length]).RawPath.ShouldStartWith("/");
            }
            catch (S3Exception refused)
            {
                refused.Error.Status.ShouldBe(400);
            }
        }
    }

    [Fact]
    public void Any_key_survives_being_escaped() =>
        Gen.String.Where(key => key.Length is > 0 and < 200 && !HasLoneSurrogate(key)).Sample(key =>
            S3Requests.Target("/bucket/" + Uri.EscapeDataString(key)).KeyText.ShouldBe(key));

    private static bool HasLoneSurrogate(string text) => text.EnumerateRunes().Contains(Rune.ReplacementChar);
}
