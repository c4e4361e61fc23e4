namespace Ambry.Architecture.Tests;

/// <summary>The repository that this test run was built from. Immutable.</summary>
internal static class Repository
{
    private static readonly string[] CodeFolders = ["src", "tests", "tools", "compat-tests"];

    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".md", ".txt", ".json", ".yml", ".sh", ".py"];

    public static string Root { get; } = FindRoot();

    /// <summary>All C# files, generated ones left out.</summary>
    public static IEnumerable<string> CodeFiles() => Files(CodeFolders, "*.cs");

    public static IEnumerable<string> ProjectFiles() => Files(CodeFolders, "*.csproj");

    /// <summary>Files that a reader of the repository meets, code and documents alike.</summary>
    public static IEnumerable<string> TextFiles() =>
        Files([.. CodeFolders, "docs"], "*")
            .Concat(Directory.EnumerateFiles(Root))
            .Where(file => TextExtensions.Contains(Path.GetExtension(file)));

    /// <summary>With forward slashes, from the root.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static IEnumerable<string> Files(string[] folders, string pattern) =>
        folders
            .Select(folder => Path.Combine(Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ambry.S3.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("No solution above the test's folder.");
    }
}
