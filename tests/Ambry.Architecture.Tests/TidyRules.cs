using System.Text.RegularExpressions;

namespace Ambry.Architecture.Tests;

/// <summary>A broken rule in a file, with the size that the ratchet compares.</summary>
internal sealed record TidyFault(string Path, string Rule, int Size, string Where);

/// <summary>The rules about text that a compiler does not check. Stateless.</summary>
internal static partial class TidyRules
{
    public const int LineLengthMax = 120;
    public const int FileLengthMax = 500;
    public const int MethodLengthMax = 60;

    /// <summary>What may stand beside a file's one public type.</summary>
    private const int SmallTypeLengthMax = 40;

    /// <summary>All faults of one file, at most one for each rule.</summary>
    public static IEnumerable<TidyFault> Check(string path, string text)
    {
        var source = SourceText.Parse(text);
        var outline = SourceOutline.Of(source);
        var lines = text.Split('\n');
        TidyFault?[] faults =
        [
            Count(path, "line-length", Numbers(lines, line => line.TrimEnd('\r').Length > LineLengthMax)),
            Size(path, "file-length", lines.Length - (lines[^1].Length == 0 ? 1 : 0), FileLengthMax),
            LongestMember(path, outline),
            PublicTypes(path, outline),
            Count(path, "empty-catch", Matches(source.Code, EmptyCatch())),
            Count(path, "todo-without-issue", Matches(source.Comments, TodoWithoutIssue())),
            Count(path, "fixme", Matches(source.Comments, Fixme())),
            Count(path, "pragma-without-reason", Matches(text, PragmaWithoutReason())),
            IsTest(path) ? Count(path, "sleep-in-test", Matches(source.Code, Sleep())) : null,
        ];
        return faults.OfType<TidyFault>();
    }

    [GeneratedRegex(@"\bcatch\b\s*(\([^)]*\)\s*)?(when\s*\((?>[^()]|\((?<d>)|\)(?<-d>))*(?(d)(?!))\)\s*)?\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\bTODO\b(?![^\n]*#\d)")]
    private static partial Regex TodoWithoutIssue();

    [GeneratedRegex(@"\bFIXME\b")]
    private static partial Regex Fixme();

    [GeneratedRegex(@"^[ \t]*#pragma warning disable\b(?![^\n]*//\s*\w)", RegexOptions.Multiline)]
    private static partial Regex PragmaWithoutReason();

    [GeneratedRegex(@"\b(Thread\s*\.\s*Sleep|Task\s*\.\s*Delay)\s*\(")]
    private static partial Regex Sleep();

    private static bool IsTest(string path) =>
        path.StartsWith("tests/", StringComparison.Ordinal)
        || path.StartsWith("compat-tests/", StringComparison.Ordinal);

    private static TidyFault? LongestMember(string path, SourceOutline outline)
    {
        var longest = outline.Members.MaxBy(member => member.Lines);
        return longest is { Lines: > MethodLengthMax }
            ? new TidyFault(path, "method-length", longest.Lines, $"line {longest.FirstLine}: {longest.Header}")
            : null;
    }

    private static TidyFault? PublicTypes(string path, SourceOutline outline)
    {
        var types = outline.TopLevelTypes
            .Where(type => type.Header.StartsWith("public ", StringComparison.Ordinal))
            .ToList();
        var besides = types.Count(type => Small().IsMatch(type.Header) && type.Lines <= SmallTypeLengthMax);
        var size = types.Count - besides;
        return size > 1 ? new TidyFault(path, "public-types", size, types[1].Header) : null;
    }

    [GeneratedRegex(@"^public (?:[a-z]+ )*(?:record|enum)\b")]
    private static partial Regex Small();

    private static TidyFault? Size(string path, string rule, int size, int max) =>
        size > max ? new TidyFault(path, rule, size, $"{size} lines") : null;

    private static TidyFault? Count(string path, string rule, IReadOnlyList<int> lines) =>
        lines.Count > 0 ? new TidyFault(path, rule, lines.Count, "line " + string.Join(", ", lines.Take(10))) : null;

    private static List<int> Numbers(string[] lines, Predicate<string> breaks) =>
        [.. Enumerable.Range(1, lines.Length).Where(number => breaks(lines[number - 1]))];

    private static List<int> Matches(string text, Regex pattern) =>
        [.. pattern.Matches(text).Select(match => SourceText.LineAt(text, match.Index))];
}
