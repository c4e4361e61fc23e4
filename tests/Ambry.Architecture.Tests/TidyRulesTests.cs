using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

public sealed class TidyRulesTests
{
    [Theory]
    [InlineData("try { } catch { }", "empty-catch")]
    [InlineData("try { } catch (Exception e) when (A(e)) { /* said nothing */ }", "empty-catch")]
    [InlineData("try { } catch (Exception e) { Log(e); }", null)]
    [InlineData("// TO" + "DO later", "todo-without-issue")]
    [InlineData("// TO" + "DO #12 later", null)]
    [InlineData("var s = \"TO" + "DO\";", null)]
    [InlineData("/* FIX" + "ME */", "fixme")]
    [InlineData("#pragma warning disable CA1", "pragma-without-reason")]
    [InlineData("#pragma warning disable CA1 // the interface asks for it", null)]
    [InlineData("#pragma warning restore CA1", null)]
    [InlineData("await Task.Delay(1);", "sleep-in-test")]
    [InlineData("Thread.Sleep(1);", "sleep-in-test")]
    [InlineData("// Task.Delay(1) would sleep", null)]
    [InlineData("public class A { } public class B { }", "public-types")]
    [InlineData("public class A\n{\n}\n\npublic class B\n{\n}", "public-types")]
    [InlineData("public class A\n{\n}\n\npublic sealed record B(int C);\n\npublic enum D\n{\n}", null)]
    [InlineData("public class A\n{\n}\n\ninternal class B\n{\n}", null)]
    public void A_rule_finds_what_breaks_it_and_nothing_else(string text, string? rule)
    {
        var found = TidyRules.Check("tests/A.cs", text).Select(fault => fault.Rule);

        found.ShouldBe(rule is null ? [] : [rule]);
    }

    [Fact]
    public void Sleeping_is_a_matter_of_tests_only() =>
        TidyRules.Check("src/A.cs", "await Task.Delay(1);").ShouldBeEmpty();

    [Theory]
    [InlineData(60, 0)]
    [InlineData(61, 1)]
    public void A_method_has_at_most_60_lines(int lines, int faults)
    {
        var body = string.Concat(Enumerable.Repeat("A();\n", lines - 3));

        TidyRules.Check("src/A.cs", $"class A\n{{\nvoid B()\n{{\n{body}}}\n}}\n").Count().ShouldBe(faults);
    }

    [Theory]
    [InlineData(500, 0)]
    [InlineData(501, 1)]
    public void A_file_has_at_most_500_lines(int lines, int faults) =>
        TidyRules.Check("src/A.cs", string.Concat(Enumerable.Repeat("//\n", lines))).Count().ShouldBe(faults);

    [Theory]
    [InlineData(120, 0)]
    [InlineData(121, 1)]
    public void A_line_has_at_most_120_columns(int columns, int faults) =>
        TidyRules.Check("src/A.cs", "//" + new string('x', columns - 2)).Count().ShouldBe(faults);

    [Fact]
    public void An_exception_may_neither_grow_nor_outlive_its_fault()
    {
        var ratchet = Ratchet.Parse("# why\nsrc/A.cs file-length 600\n");

        ratchet.Compare([new TidyFault("src/A.cs", "file-length", 600, "")]).ShouldBeEmpty();
        ratchet.Compare([new TidyFault("src/A.cs", "file-length", 601, "")]).Count.ShouldBe(1);
        ratchet.Compare([new TidyFault("src/A.cs", "file-length", 599, "")]).Count.ShouldBe(1);
        ratchet.Compare([]).Count.ShouldBe(1);
        ratchet.Compare([new TidyFault("src/B.cs", "file-length", 600, "")]).Count.ShouldBe(2);
    }

    [Fact]
    public void Tightening_never_adds_an_exception()
    {
        var ratchet = Ratchet.Parse("src/A.cs file-length 600\nsrc/C.cs fixme 1\n");

        ratchet.Tightened(
        [
            new TidyFault("src/A.cs", "file-length", 550, ""),
            new TidyFault("src/B.cs", "file-length", 700, ""),
        ]).ShouldBe("src/A.cs file-length 550\n");
    }
}
