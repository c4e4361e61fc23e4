using System.Text.RegularExpressions;

namespace Ambry.Architecture.Tests;

/// <summary>A type or member of a source file, by the lines from its signature to its end.</summary>
internal sealed record OutlineItem(string Header, int FirstLine, int LastLine)
{
    public int Lines => LastLine - FirstLine + 1;
}

/// <summary>The types and members of a source file, found by matching brackets in blanked code. Immutable.</summary>
internal sealed partial class SourceOutline
{
    private readonly string _code;
    private readonly List<OutlineItem> _types = [];
    private readonly List<OutlineItem> _members = [];

    private SourceOutline(string code)
    {
        _code = code;
        Walk(0, code.Length, depth: 0);
    }

    /// <summary>Those that are not nested.</summary>
    public IReadOnlyList<OutlineItem> TopLevelTypes => _types;

    /// <summary>Methods, constructors, operators and properties; fields and their tables are left out.</summary>
    public IReadOnlyList<OutlineItem> Members => _members;

    public static SourceOutline Of(SourceText source) => new(Directive().Replace(source.Code, ""));

    /// <summary>A directive stands alone on its line; its line break stays.</summary>
    [GeneratedRegex(@"^[ \t]*#[^\n]*", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(
        @"^(?:(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|ref|file|unsafe|new)\s+)*"
        + @"(?:class|struct|interface|enum|record|namespace)\b")]
    private static partial Regex TypeHeader();

    private void Walk(int from, int to, int depth)
    {
        var at = from;
        while (at < to)
        {
            at = SkipAttributes(SkipSpace(at, to), to);
            if (at >= to)
            {
                return;
            }

            at = Item(at, to, depth);
        }
    }

    private int SkipSpace(int at, int to)
    {
        while (at < to && char.IsWhiteSpace(_code[at]))
        {
            at++;
        }

        return at;
    }

    private int SkipAttributes(int at, int to)
    {
        while (at < to && _code[at] == '[')
        {
            at = SkipSpace(Closing(at, to) + 1, to);
        }

        return at;
    }

    /// <summary>Reads one item that begins here and says where the next one may.</summary>
    private int Item(int start, int to, int depth)
    {
        var assigned = -1;
        for (var at = start; at < to; at++)
        {
            var c = _code[at];
            if (c is '(' or '[')
            {
                at = Closing(at, to);
            }
            else if (c == '=' && assigned < 0)
            {
                assigned = at;
            }
            else if (c == ';')
            {
                Add(start, at, assigned, depth);
                return at + 1;
            }
            else if (c == '{')
            {
                var end = Closing(at, to);
                var header = _code[start..at];
                if (TypeHeader().IsMatch(header))
                {
                    AddType(header, start, at, end, depth);
                    return end + 1;
                }

                at = end;
                if (EndsMember(header, assigned, end, to))
                {
                    Add(start, end, assigned, depth);
                    return end + 1;
                }
            }
        }

        return to;
    }

    /// <summary>
    /// A block ends its member unless it is part of an initialiser, or one follows, as of a property.
    /// </summary>
    private bool EndsMember(string header, int assigned, int end, int to)
    {
        var isAssigned = assigned >= 0 && !IsOperator(header);
        var next = SkipSpace(end + 1, to);
        return !isAssigned && !(next < to && _code[next] == '=');
    }

    private void Add(int start, int end, int assigned, int depth)
    {
        var text = _code[start..(end + 1)];
        if (TypeHeader().IsMatch(text))
        {
            AddType(text, start, end, end, depth);
        }
        else if (depth > 0 && !IsField(text, start, assigned))
        {
            _members.Add(ItemOf(text, start, end));
        }
    }

    private bool IsField(string text, int start, int assigned)
    {
        var isExpression = assigned >= 0 && assigned + 1 < _code.Length && _code[assigned + 1] == '>';
        var head = assigned < 0 ? text : _code[start..assigned];
        return !isExpression && !IsOperator(head) && !head.Contains('(') && !head.Contains('{');
    }

    /// <summary>Its name may have a sign in it that looks like an assignment.</summary>
    private static bool IsOperator(string header) => Regex.IsMatch(header, @"\boperator\b");

    private void AddType(string header, int start, int open, int end, int depth)
    {
        var isNamespace = header.StartsWith("namespace", StringComparison.Ordinal);
        if (depth == 0 && !isNamespace)
        {
            _types.Add(ItemOf(header, start, end));
        }

        if (open < end && !Regex.IsMatch(header, @"\benum\b"))
        {
            Walk(open + 1, end, isNamespace ? depth : depth + 1);
        }
    }

    private OutlineItem ItemOf(string text, int start, int end) =>
        new(text.Split('\n')[0].Trim(), SourceText.LineAt(_code, start), SourceText.LineAt(_code, end));

    /// <summary>The bracket that closes the one here, or the end of the text when none does.</summary>
    private int Closing(int open, int to)
    {
        var depth = 0;
        for (var at = open; at < to; at++)
        {
            depth += _code[at] is '(' or '[' or '{' ? 1 : _code[at] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        return to;
    }
}
