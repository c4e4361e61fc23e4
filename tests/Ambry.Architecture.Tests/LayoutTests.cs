using System.Reflection;
using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

public sealed class LayoutTests
{
    [Fact]
    public void Every_project_of_the_product_is_in_the_table()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName);

        folders.ShouldBe(ProjectTable.Rows.Select(row => "Ambry." + row.Name), ignoreOrder: true);
    }

    [Fact]
    public void The_table_has_no_circles()
    {
        var seen = new HashSet<string>();
        foreach (var row in ProjectTable.Rows)
        {
            row.References.ShouldAllBe(reference => seen.Contains(reference), row.Name);
            seen.Add(row.Name);
        }
    }

    [Fact]
    public void Project_files_reference_only_what_the_table_allows()
    {
        var faults = new List<string>();
        foreach (var row in ProjectTable.Rows)
        {
            var project = Load(row);
            faults.AddRange(project.ProjectReferences.Except(row.References).Select(name => $"{row.Name} -> {name}"));
            faults.AddRange(project.PackageReferences
                .Where(package => !ProjectTable.Allows([.. row.Packages, .. ProjectTable.CommonPackages], package))
                .Select(package => $"{row.Name} -> package {package}"));
            faults.AddRange(project.FrameworkReferences
                .Where(_ => !row.UsesAspNet)
                .Select(framework => $"{row.Name} -> framework {framework}"));
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    public void The_operators_tool_references_what_reads_files_and_nothing_that_runs_a_node() =>
        ProjectFile.Load(Path.Combine(Repository.Root, "tools", "ambryctl", "ambryctl.csproj"))
            .ProjectReferences.ShouldBeSubsetOf(ProjectTable.ControlReferences);

    [Fact]
    public void Project_files_carry_no_versions() =>
        Repository.ProjectFiles()
            .Select(ProjectFile.Load)
            .SelectMany(project => project.OwnVersions.Select(package => $"{project.Path}: {package}"))
            .ShouldBeEmpty();

    [Fact]
    public void Built_assemblies_reference_only_what_the_table_allows()
    {
        var faults = new List<string>();
        foreach (var row in ProjectTable.Rows)
        {
            foreach (var reference in Assembly.Load(row.AssemblyName).GetReferencedAssemblies())
            {
                if (!MayReference(row, reference.Name!))
                {
                    faults.Add($"{row.AssemblyName} -> {reference.Name}");
                }
            }
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    public void Packages_stay_out_of_public_signatures()
    {
        var faults = new List<string>();
        foreach (var row in ProjectTable.Rows)
        {
            foreach (var (member, assembly) in PublicSignatures.Of(Assembly.Load(row.AssemblyName)))
            {
                // A type of a package in a signature would let the package out to every caller.
                if (!IsPlatform(assembly) && !IsProject(row, assembly))
                {
                    faults.Add($"{member} shows a type of {assembly}");
                }
            }
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    public void The_entry_point_stays_short() =>
        File.ReadAllLines(Path.Combine(Repository.Root, "src", "Ambry.Host", "Program.cs")).Length.ShouldBeLessThan(60);

    private static ProjectFile Load(ProjectRow row) =>
        ProjectFile.Load(Path.Combine(Repository.Root, "src", "Ambry." + row.Name, $"Ambry.{row.Name}.csproj"));

    private static bool MayReference(ProjectRow row, string assembly) => assembly switch
    {
        "System.IO.Hashing" or "System.CommandLine" or "LiteDB" or "Polly.Core" =>
            ProjectTable.Allows(row.Packages, assembly),

        // Everyone else is handed a peer client, and the simulator hands out one without a network.
        "System.Net.Sockets" => row.Name == "Network",
        _ when assembly.StartsWith("DotNext", StringComparison.Ordinal) => ProjectTable.Allows(row.Packages, assembly),
        _ when assembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) => row.UsesAspNet,
        _ when assembly.StartsWith("Microsoft.Extensions", StringComparison.Ordinal) =>
            row.UsesAspNet || ProjectTable.CommonPackages.Contains(assembly),
        _ => IsPlatform(assembly) || IsProject(row, assembly),
    };

    private static bool IsProject(ProjectRow row, string assembly) =>
        assembly == row.AssemblyName
        || ProjectTable.Rows.Any(other => other.AssemblyName == assembly && row.References.Contains(other.Name));

    private static bool IsPlatform(string assembly) =>
        assembly is "netstandard" or "mscorlib"
        || assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        || assembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        || assembly.StartsWith("Microsoft.Net.Http", StringComparison.Ordinal)
        || (assembly.StartsWith("System.", StringComparison.Ordinal)
            && assembly is not ("System.CommandLine" or "System.IO.Hashing"));
}
