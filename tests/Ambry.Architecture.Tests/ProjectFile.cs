using System.Xml.Linq;

namespace Ambry.Architecture.Tests;

/// <summary>What a project file says. Immutable.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    private ProjectFile(string path, XDocument document)
    {
        Path = path;
        _document = document;
    }

    public string Path { get; }

    /// <summary>Short names, without "Ambry.".</summary>
    public IEnumerable<string> ProjectReferences =>
        Includes("ProjectReference").Select(include =>
            System.IO.Path.GetFileNameWithoutExtension(include.Replace('\\', '/'))["Ambry.".Length..]);

    public IEnumerable<string> PackageReferences => Includes("PackageReference");

    public IEnumerable<string> FrameworkReferences => Includes("FrameworkReference");

    /// <summary>Package references that carry a version of their own.</summary>
    public IEnumerable<string> OwnVersions =>
        _document.Descendants("PackageReference")
            .Where(item => item.Attribute("Version") is not null || item.Attribute("VersionOverride") is not null
                || item.Element("Version") is not null)
            .Select(item => (string?)item.Attribute("Include") ?? "?");

    public static ProjectFile Load(string path) => new(Repository.Relative(path), XDocument.Load(path));

    private IEnumerable<string> Includes(string item) =>
        _document.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
