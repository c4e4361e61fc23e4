namespace Ambry.S3.Xml;

/// <summary>One key of a bulk delete: gone, or the error that it met.</summary>
/// <param name="Code">Null when the key is gone.</param>
public readonly record struct XmlDeleted(ReadOnlyMemory<byte> Key, string? VersionId, string? Code, string? Message);

/// <summary>DeleteResult.</summary>
/// <param name="IsQuiet">Whether successes are left out.</param>
public sealed record DeleteResultDocument(IReadOnlyList<XmlDeleted> Results, bool IsQuiet) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("DeleteResult");
        foreach (var result in Results)
        {
            if (result.Code is not null)
            {
                WriteItem(output, "Error", result);
            }
            else if (!IsQuiet)
            {
                WriteItem(output, "Deleted", result);
            }
        }

        output.Close("DeleteResult");
    }

    private static void WriteItem(XmlOutput output, string name, XmlDeleted result)
    {
        output.Open(name);
        output.Key("Key", result.Key.Span, urlEncoded: false);
        output.Element("VersionId", result.VersionId);
        output.Element("Code", result.Code);
        output.Element("Message", result.Message);
        output.Close(name);
    }
}
