using System.Buffers;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Ambry.S3.Xml;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Xml;

public sealed class XmlOutputTests
{
    private const string Namespace = "{http://s3.amazonaws.com/doc/2006-03-01/}";

    [Theory]
    [InlineData("a & b < c > \"d\" 'e'", "<Key>a &amp; b &lt; c &gt; &quot;d&quot; 'e'</Key>")]
    [InlineData("line\r\nend\ttab", "<Key>line&#xD;&#xA;end&#x9;tab</Key>")]
    [InlineData("\u0001\uFFFE\uFFFF\uFEFF", "<Key>&#x1;&#xFFFE;&#xFFFF;\uFEFF</Key>")]
    [InlineData("]]>", "<Key>]]&gt;</Key>")]
    [InlineData("ünï😀", "<Key>ünï😀</Key>")]
    public void Text_is_escaped_so_that_the_structure_stays(string key, string expected) =>
        Write(output => output.Key("Key", Encoding.UTF8.GetBytes(key), urlEncoded: false)).ShouldBe(expected);

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters() =>
        Write(output => output.Key("Key", [0x61, 0xFF, 0xEF], urlEncoded: false)).ShouldBe("<Key>a\uFFFD\uFFFD</Key>");

    [Fact]
    public void Any_text_reads_back_as_it_was_written() => Gen.String.Sample(text =>
    {
        var xml = Write(output => output.Element("Key", text));
        var settings = new XmlReaderSettings { CheckCharacters = false };
        using var reader = XmlReader.Create(new StringReader(xml), settings);
        reader.MoveToContent();
        reader.ReadElementContentAsString().ShouldBe(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
    });

    [Fact]
    public void Url_encoding_leaves_no_character_that_clients_read_in_two_ways() =>
        Write(output => output.Key("Key", "a b+c/%é"u8, urlEncoded: true)).ShouldBe("<Key>a%20b%2Bc/%25%C3%A9</Key>");

    [Fact]
    public void A_tag_is_in_quotes_and_a_date_has_three_digits()
    {
        Write(output => output.ETag("abc")).ShouldBe("<ETag>&quot;abc&quot;</ETag>");
        Write(output => output.Element("T", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))))
            .ShouldBe("<T>2026-01-02T02:04:05.000Z</T>");
        Write(output => output.Element("N", long.MaxValue)).ShouldBe("<N>9223372036854775807</N>");
        Write(output => output.Element("N", (string?)null)).ShouldBeEmpty();
    }

    [Fact]
    public void An_error_has_its_parts_in_order_and_no_name_space()
    {
        var error = Document(new ErrorDocument("C", "M <x>", [new("BucketName", "b")], "/r", "ID", "H"));
        error.Name.ToString().ShouldBe("Error");
        error.Elements().Select(item => $"{item.Name}={item.Value}")
            .ShouldBe(["Code=C", "Message=M <x>", "BucketName=b", "Resource=/r", "RequestId=ID", "HostId=H"]);
    }

    [Fact]
    public void A_location_is_the_root_itself()
    {
        Document(new LocationDocument("us-east-1")).ToString(SaveOptions.DisableFormatting)
            .ShouldBe("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></LocationConstraint>");
        Document(new LocationDocument("eu-west-1")).Value.ShouldBe("eu-west-1");
    }

    [Fact]
    public void Uploads_show_both_markers_only_when_there_is_more()
    {
        var more = Document(Uploads("k"u8.ToArray(), "id", isTruncated: true));
        more.Element(Namespace + "NextKeyMarker")!.Value.ShouldBe("k");
        more.Element(Namespace + "NextUploadIdMarker")!.Value.ShouldBe("id");
        Document(Uploads(null, null, isTruncated: false)).Element(Namespace + "NextKeyMarker").ShouldBeNull();
    }

    private static ListMultipartUploadsDocument Uploads(byte[]? next, string? nextId, bool isTruncated) => new(
        "b",
        default,
        default,
        default,
        null,
        next is null ? default(ReadOnlyMemory<byte>?) : next,
        nextId,
        1,
        isTruncated,
        false,
        [],
        []);

    private static XElement Document(IXmlDocument document) =>
        XDocument.Parse(Write(document.WriteTo)).Root!;

    private static string Write(Action<XmlOutput> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(new XmlOutput(buffer));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
