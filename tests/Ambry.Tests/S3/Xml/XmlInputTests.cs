using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Xml;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Xml;

public sealed class XmlInputTests
{
    private const string Delete =
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Object><Key> a&amp;b<![CDATA[<c>]]></Key><VersionId>null</VersionId><ETag>"e"</ETag><Size>1</Size></Object>
          <!-- a comment --><Unknown><Deeper/>text</Unknown>
          <Quiet>true</Quiet><Object><Key>&#x1;é</Key></Object>
        </Delete>
        """;

    private const string Complete =
        """
        <CompleteMultipartUpload>
          <Part><ETag>"e1"</ETag><PartNumber>1</PartNumber><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>
          <Part><PartNumber> 2 </PartNumber><ETag>e2</ETag></Part>
        </CompleteMultipartUpload>
        """;

    [Fact]
    public void A_delete_is_read_with_keys_byte_by_byte()
    {
        var request = DeleteObjectsRequest.Parse(Encoding.UTF8.GetBytes(Delete));
        request.IsQuiet.ShouldBeTrue();
        request.Items.Select(item => Encoding.UTF8.GetString(item.Key.Span)).ShouldBe([" a&b<c>", "\u0001é"]);
        request.Items[0].VersionId.ShouldBe("null");
        request.Items[0].ETag.ShouldBe("\"e\"");
        request.Items[1].ETag.ShouldBeNull();
    }

    [Fact]
    public void A_complete_is_read_in_the_order_sent()
    {
        var request = CompleteMultipartUploadRequest.Parse(Encoding.UTF8.GetBytes(Complete));
        request.Parts.Select(part => (part.Number, part.ETag)).ShouldBe([(1, "\"e1\""), (2, "e2")]);
        request.Parts[0].Checksums.ShouldBe([new XmlChecksum("CRC32", "AAAAAA==")]);
        request.Parts[1].Checksums.ShouldBeEmpty();
    }

    [Fact]
    public void Every_prefix_of_a_document_is_malformed()
    {
        var bytes = Encoding.UTF8.GetBytes(Delete);
        for (var length = 0; length < bytes.Length; length++)
        {
            Refuse(() => DeleteObjectsRequest.Parse(bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void A_changed_byte_never_does_worse_than_malformed()
    {
        var original = Encoding.UTF8.GetBytes(Complete);
        for (var index = 0; index < original.Length; index++)
        {
            foreach (var value in new byte[] { 0, (byte)'<', (byte)'&', (byte)'x', 0xFF })
            {
                var changed = (byte[])original.Clone();
                changed[index] = value;
                try
                {
                    CompleteMultipartUploadRequest.Parse(changed).Parts.ShouldNotBeEmpty();
                }
                catch (S3Exception exception)
                {
                    exception.Error.ShouldBe(S3Errors.MalformedXML);
                }
            }
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE d [<!ENTITY a \"b\">]><Delete><Object><Key>&a;</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>&undefined;</Key></Object></Delete>")]
    [InlineData("<Other><Object><Key>a</Key></Object></Other>")]
    [InlineData("<Delete>text<Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key><b>a</b></Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object></Delete><Delete/>")]
    [InlineData("<Delete><Quiet>perhaps</Quiet><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>&#xD800;</Key></Object></Delete>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"no-such\"?><Delete><Object><Key>a</Key></Object></Delete>")]
    public void What_no_client_means_is_malformed(string xml) =>
        Refuse(() => DeleteObjectsRequest.Parse(Encoding.UTF8.GetBytes(xml)));

    [Fact]
    public void Depth_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("<x>", 20)) + string.Concat(Enumerable.Repeat("</x>", 20));
        Refuse(() => DeleteObjectsRequest.Parse(
            Encoding.UTF8.GetBytes($"<Delete>{deep}<Object><Key>a</Key></Object></Delete>")));
    }

    [Theory]
    [InlineData("<CompleteMultipartUpload/>")]
    [InlineData("<CompleteMultipartUpload><Part><ETag>e</ETag></Part></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag/></Part></CompleteMultipartUpload>")]
    public void A_complete_without_its_parts_is_malformed(string xml) =>
        Refuse(() => CompleteMultipartUploadRequest.Parse(Encoding.UTF8.GetBytes(xml)));

    [Fact]
    public void Ten_thousand_parts_are_the_most()
    {
        CompleteMultipartUploadRequest.Parse(Parts(10_000)).Parts.Count.ShouldBe(10_000);
        Refuse(() => CompleteMultipartUploadRequest.Parse(Parts(10_001)));
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration/>", null)]
    [InlineData("<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>", null)]
    [InlineData(
        "<CreateBucketConfiguration><LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>", "eu")]
    public void A_location_is_optional(string xml, string? location) =>
        CreateBucketConfiguration.Parse(Encoding.UTF8.GetBytes(xml)).LocationConstraint.ShouldBe(location);

    private static byte[] Parts(int count) => Encoding.UTF8.GetBytes(
        "<CompleteMultipartUpload>"
        + string.Concat(Enumerable.Range(1, count).Select(
            number => $"<Part><PartNumber>{number}</PartNumber><ETag>e</ETag></Part>"))
        + "</CompleteMultipartUpload>");

    private static void Refuse(Action parse) =>
        Should.Throw<S3Exception>(parse).Error.ShouldBe(S3Errors.MalformedXML);
}
