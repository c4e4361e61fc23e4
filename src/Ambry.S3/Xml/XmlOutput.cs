using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Ambry.S3.Listing;
using Ambry.S3.Names;

namespace Ambry.S3.Xml;

/// <summary>
/// Writes the result documents: elements without attributes, UTF-8, no white space between them. Whatever the text holds, the
/// document's structure stays intact. Not thread safe.
/// </summary>
public sealed class XmlOutput(IBufferWriter<byte> output)
{
    private const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    // 0xEF begins the two non-characters U+FFFE and U+FFFF, which XML forbids like the control characters.
    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'&', (byte)'<', (byte)'>', (byte)'"', 0xEF]);

    /// <summary>The declaration and the root element in S3's name space.</summary>
    public void OpenDocument(string root)
    {
        Declaration();
        Raw("<"u8);
        AsciiText(root);
        Raw(" xmlns=\""u8);
        AsciiText(Namespace);
        Raw("\">"u8);
    }

    /// <summary>The declaration and a root element without a name space, as error documents have it.</summary>
    public void OpenPlainDocument(string root)
    {
        Declaration();
        Open(root);
    }

    public void Open(string name)
    {
        Raw("<"u8);
        AsciiText(name);
        Raw(">"u8);
    }

    public void Close(string name)
    {
        Raw("</"u8);
        AsciiText(name);
        Raw(">"u8);
    }

    /// <summary>Nothing when the value is null.</summary>
    public void Element(string name, string? value)
    {
        if (value is not null)
        {
            Open(name);
            Text(value);
            Close(name);
        }
    }

    /// <summary>Text straight into the element that is open.</summary>
    public void Content(string value) => Text(value);

    public void Element(string name, bool value) => Element(name, value ? "true" : "false");

    public void Element(string name, long value)
    {
        Open(name);
        var span = output.GetSpan(20);
        _ = Utf8Formatter.TryFormat(value, span, out var written);
        output.Advance(written);
        Close(name);
    }

    /// <summary>Always three digits of fraction: older Java clients choke on any other number of them.</summary>
    public void Element(string name, DateTimeOffset value) => Element(name, S3Dates.FormatIso(value));

    /// <summary>An entity tag, in quotes as everywhere.</summary>
    public void ETag(string value)
    {
        Open("ETag");
        Raw("&quot;"u8);
        Text(value);
        Raw("&quot;"u8);
        Close("ETag");
    }

    /// <summary>A key, prefix, delimiter or marker, percent-encoded where the client asked for it.</summary>
    public void Key(string name, ReadOnlySpan<byte> value, bool urlEncoded)
    {
        Open(name);
        if (urlEncoded)
        {
            AsciiText(ListEncoding.Encode(value));
        }
        else
        {
            Text(value);
        }

        Close(name);
    }

    // XML 1.0 cannot hold most control characters at all; S3 writes them as references, which lenient parsers read, and
    // offers encoding-type=url to the others.
    private static int Escape(ReadOnlySpan<byte> text, out int taken, Span<byte> escaped)
    {
        taken = 1;
        switch (text[0])
        {
            case (byte)'&':
                return Copy("&amp;"u8, escaped);
            case (byte)'<':
                return Copy("&lt;"u8, escaped);
            case (byte)'>':
                return Copy("&gt;"u8, escaped);
            case (byte)'"':
                return Copy("&quot;"u8, escaped);
            case 0xEF when text.StartsWith("\uFFFE"u8) || text.StartsWith("\uFFFF"u8):
                taken = 3;
                return Copy(text[2] == 0xBE ? "&#xFFFE;"u8 : "&#xFFFF;"u8, escaped);
            case 0xEF:
                escaped[0] = 0xEF;
                return 1;
            default:
                var length = Copy("&#x"u8, escaped);
                _ = Utf8Formatter.TryFormat(text[0], escaped[length..], out var digits, new StandardFormat('X'));
                length += digits;
                escaped[length] = (byte)';';
                return length + 1;
        }
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        source.CopyTo(target);
        return source.Length;
    }

    private void Declaration() => Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);

    private void Text(string value)
    {
        var count = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = ArrayPool<byte>.Shared.Rent(count);
        Text(rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void Text(ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            // Not text at all: shown with replacement characters, while encoding-type=url shows the bytes.
            value = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value));
        }

        Span<byte> escaped = stackalloc byte[8];
        while (true)
        {
            var special = value.IndexOfAny(Special);
            if (special < 0)
            {
                Raw(value);
                return;
            }

            Raw(value[..special]);
            value = value[special..];
            Raw(escaped[..Escape(value, out var taken, escaped)]);
            value = value[taken..];
        }
    }

    private void AsciiText(string ascii)
    {
        var span = output.GetSpan(ascii.Length);
        output.Advance(Encoding.ASCII.GetBytes(ascii, span));
    }

    private void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);
}
