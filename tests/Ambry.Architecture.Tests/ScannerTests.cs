using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

public sealed class ScannerTests
{
    private const string Sample = """
            using System;

            namespace A;

            [Serializable]
            public sealed class B<T>(int x) : C(x)
                where T : class
            {
                private static readonly int[] Table =
                [
                    1,
                ];

                private readonly D _d = new() { E = 1 };

                public event Action? Happened;

                [Theory]
                [InlineData(1)]
                public void F<U>(int y = 1)
                    where U : class
                {
                    if (y == 1)
                    {
                        G();
                    }
                }

                public int H { get; } = 3;

                public int I =>
                    4;

                public static bool operator ==(B<T> a, B<T> b)
                {
                    return true;
                }

                private enum J
                {
                    K,
                }

                private sealed record L(int M);

                private struct N
                {
                    public N(int o) { }
                }
            }

            public enum O
            {
                P,
            }
            """;

    [Theory]
    [InlineData("\"}{\"")]
    [InlineData("\"\\\"}\"")]
    [InlineData("@\"}\"\"{\"")]
    [InlineData("$\"{x[\"}\"]}{{\"")]
    [InlineData("$@\"{x}\\\"")]
    [InlineData("'{'")]
    [InlineData("'\\''")]
    [InlineData("// }")]
    [InlineData("/* }\n{ */")]
    [InlineData("\"\"\"}\"{\"\"\"")]
    [InlineData("$$\"\"\"{}{{x}}\"\"\"")]
    [InlineData("\"// no\"")]
    public void Literals_and_comments_are_blanked(string literal)
    {
        var blank = string.Concat(literal.Select(c => c == '\n' ? '\n' : ' '));

        SourceText.Parse($"@class {{ a = {literal}\n; }}").Code.ShouldBe($"@class {{ a = {blank}\n; }}");
    }

    [Fact]
    public void Comments_are_kept_apart() =>
        SourceText.Parse("a \"// no\" // yes").Comments.Trim().ShouldBe("// yes");

    [Fact]
    public void Every_prefix_of_a_file_is_scanned_to_its_end()
    {
        const string Whole = "class A { string B => $\"{C('}')}\" + @\"\"\"\" + \"\"\"x\"\"\"; "
            + "/* y */ char D = '\\u0041'; } // z";
        for (var length = 0; length <= Whole.Length; length++)
        {
            SourceText.Parse(Whole[..length]).Code.Length.ShouldBe(length);
            SourceOutline.Of(SourceText.Parse(Whole[..length])).ShouldNotBeNull();
        }
    }

    [Fact]
    public void Members_are_found_with_their_lines()
    {
        var outline = SourceOutline.Of(SourceText.Parse(Sample));

        outline.TopLevelTypes.Select(type => type.Header)
            .ShouldBe(["public sealed class B<T>(int x) : C(x)", "public enum O"]);
        outline.Members.Select(member => (member.Header, member.Lines)).ShouldBe(
        [
            ("public void F<U>(int y = 1)", 8),
            ("public int H { get; } = 3;", 1),
            ("public int I =>", 2),
            ("public static bool operator ==(B<T> a, B<T> b)", 4),
            ("public N(int o) { }", 1),
        ]);
    }
}
