using System.Text;
using System.Xml;
using Ambry.S3.Errors;

namespace Ambry.S3.Xml;

/// <summary>
/// Reads request documents: no DTD, no entities, nothing fetched, a bounded depth. Any fault is MalformedXML. Name spaces are not
/// compared, because many clients send none.
/// </summary>
internal static class XmlInput
{
    // The deepest document of the dialect has 3 levels.
    private const int MaxDepth = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Runs <paramref name="read"/> on the root element, which must have the given name.
    /// </summary>
    internal static T Parse<T>(ReadOnlyMemory<byte> body, string root, Func<XmlReader, T> read)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = Math.Max(body.Length, 1),
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,

            // Keys hold control characters as references, which XML 1.0 forbids and S3 accepts.
            CheckCharacters = false,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body.ToArray(), writable: false), settings);
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != root)
            {
                throw Malformed();
            }

            var value = read(reader);
            while (reader.Read())
            {
            }

            return value;
        }
        catch (XmlException)
        {
            throw Malformed();
        }
        catch (ArgumentException)
        {
            // The strict encoder met half a surrogate pair, or the declaration names an unknown encoding.
            throw Malformed();
        }
    }

    /// <summary>
    /// Runs <paramref name="child"/> for each child element of the current one; it must consume the element or answer false,
    /// and then the element is skipped. Ends behind the current element.
    /// </summary>
    internal static void ForEachChild(XmlReader reader, Func<string, bool> child)
    {
        if (reader.Depth > MaxDepth)
        {
            throw Malformed();
        }

        if (reader.IsEmptyElement)
        {
            reader.Read();
            return;
        }

        reader.Read();
        while (reader.NodeType != XmlNodeType.EndElement)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when child(reader.LocalName):
                    break;
                case XmlNodeType.Element:
                    SkipElement(reader);
                    break;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    reader.Read();
                    break;
                default:
                    throw Malformed();
            }
        }

        reader.Read();
    }

    /// <summary>The text of the current element, which must have no children.</summary>
    internal static string Text(XmlReader reader) => reader.ReadElementContentAsString();

    internal static bool Boolean(XmlReader reader) => Text(reader).Trim() switch
    {
        "true" or "True" or "TRUE" or "1" => true,
        "false" or "False" or "FALSE" or "0" or "" => false,
        _ => throw Malformed(),
    };

    /// <summary>The text of the current element as the bytes of a key.</summary>
    internal static byte[] Key(XmlReader reader) => StrictUtf8.GetBytes(Text(reader));

    internal static S3Exception Malformed() => new(S3Errors.MalformedXML);

    private static void SkipElement(XmlReader reader)
    {
        var depth = reader.Depth;
        do
        {
            if (reader.Depth > MaxDepth || !reader.Read())
            {
                throw Malformed();
            }
        }
        while (reader.Depth > depth);

        if (reader.NodeType == XmlNodeType.EndElement && reader.Depth == depth)
        {
            reader.Read();
        }
    }
}
