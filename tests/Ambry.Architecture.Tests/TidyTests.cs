using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

/// <summary>AMBRY_UPDATE_RATCHET=1 shrinks the list of exceptions to what is still needed.</summary>
public sealed class TidyTests
{
    private static readonly string RatchetFile =
        Path.Combine(Repository.Root, "tests", "Ambry.Architecture.Tests", "ratchet.txt");

    [Fact]
    public void The_code_keeps_the_rules_or_is_on_the_ratchet()
    {
        var faults = Repository.CodeFiles()
            .SelectMany(file => TidyRules.Check(Repository.Relative(file), File.ReadAllText(file)))
            .ToList();
        var ratchet = Ratchet.Parse(File.ReadAllText(RatchetFile));
        if (Environment.GetEnvironmentVariable("AMBRY_UPDATE_RATCHET") == "1")
        {
            File.WriteAllText(RatchetFile, ratchet.Tightened(faults));
            return;
        }

        ratchet.Compare(faults).ShouldBeEmpty();
    }

    [Fact]
    public void The_repository_names_nothing_of_the_place_it_was_written_in()
    {
        // Put together here, so that this file does not find itself.
        string[] foreign = ["../" + "shared", "/work/" + "shared", "/work/" + "wt"];
        var faults =
            from file in Repository.TextFiles()
            let text = File.ReadAllText(file)
            from name in foreign
            where text.Contains(name, StringComparison.Ordinal)
            select $"{Repository.Relative(file)}: {name}";

        faults.ShouldBeEmpty();
    }
}
