namespace Ambry.S3.Xml;

/// <summary>A checksum in a document: the element is named after its algorithm.</summary>
/// <param name="Algorithm">Such as CRC32.</param>
/// <param name="Value">Base64; a composite one with its suffix.</param>
public readonly record struct XmlChecksum(string Algorithm, string Value)
{
    internal const string ElementPrefix = "Checksum";

    internal void WriteTo(XmlOutput output) => output.Element(ElementPrefix + Algorithm, Value);
}
