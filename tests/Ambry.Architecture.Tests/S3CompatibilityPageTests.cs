using System.Text.RegularExpressions;
using Ambry.S3.Operations;
using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

/// <summary>AMBRY_UPDATE_DOCS=1 writes the page anew.</summary>
public sealed class S3CompatibilityPageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "s3-compatibility.md");

    [Fact]
    public void The_page_says_what_the_table_says()
    {
        var rendered = S3CompatibilityPage.Render();
        if (Environment.GetEnvironmentVariable("AMBRY_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, rendered);
        }

        File.ReadAllText(Page).ShouldBe(rendered);
    }

    [Fact]
    public void Every_operation_is_on_the_page_once()
    {
        var rendered = S3CompatibilityPage.Render();

        foreach (var row in S3OperationTable.All)
        {
            Regex.Count(rendered, $@"^\| {row.Name} \|", RegexOptions.Multiline).ShouldBe(1, row.Name);
        }
    }

    [Fact]
    public void What_proves_an_operation_exists()
    {
        var tests = Repository.CodeFiles()
            .Where(file => Repository.Relative(file).Split('/')[0] is "tests" or "compat-tests")
            .Select(File.ReadAllText)
            .ToList();
        var missing = S3OperationTable.All
            .Where(row => row.ProvenBy is not null)
            .Where(row => !tests.Exists(text => Regex.IsMatch(text, $@"\bclass {Regex.Escape(row.ProvenBy!)}\b")))
            .Select(row => $"{row.Name}: {row.ProvenBy}");

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Only_what_is_built_is_proven() =>
        S3OperationTable.All
            .Where(row => row.ProvenBy is not null)
            .ShouldAllBe(row => row.State == S3OperationState.Implemented);
}
