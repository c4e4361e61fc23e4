namespace Ambry.S3.Xml;

/// <summary>A document of the S3 dialect that can be written.</summary>
public interface IXmlDocument
{
    void WriteTo(XmlOutput output);
}
