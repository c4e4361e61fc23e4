using System.Text;

namespace Ambry.Architecture.Tests;

/// <summary>
/// C# text told apart: <see cref="Code"/> keeps its length and line breaks while comments and literals are blanked,
/// so that braces and words in it are real; <see cref="Comments"/> is the other way round. Immutable.
/// </summary>
internal sealed class SourceText
{
    private readonly string _text;
    private readonly StringBuilder _code;
    private readonly StringBuilder _comments;
    private int _at;

    private SourceText(string text)
    {
        _text = text;
        _code = Blank(text);
        _comments = Blank(text);
        ScanCode(untilHoleEnds: false);
        Code = _code.ToString();
        Comments = _comments.ToString();
    }

    public string Code { get; }

    public string Comments { get; }

    public static SourceText Parse(string text) => new(text.Replace("\r", "", StringComparison.Ordinal));

    /// <summary>The number of the line, from 1, that a position is on.</summary>
    public static int LineAt(string text, int position) => text.AsSpan(0, position).Count('\n') + 1;

    private static StringBuilder Blank(string text) =>
        new(string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] == '\n' ? '\n' : ' ';
            }
        }));

    private void ScanCode(bool untilHoleEnds)
    {
        var depth = 0;
        while (_at < _text.Length)
        {
            if (StartsWith("//"))
            {
                Comment(LineEnd());
            }
            else if (StartsWith("/*"))
            {
                var end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                Comment(end < 0 ? _text.Length : end + 2);
            }
            else if (_text[_at] == '\'')
            {
                Character();
            }
            else if (!TryLiteral())
            {
                var c = _text[_at];
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                if (untilHoleEnds && depth < 0)
                {
                    return;
                }

                // What stands in a hole is left blank as well: no rule needs it, and its braces are the string's.
                _code[_at] = untilHoleEnds && c != '\n' ? ' ' : c;
                _at++;
            }
        }
    }

    private bool StartsWith(string mark) => string.CompareOrdinal(_text, _at, mark, 0, mark.Length) == 0;

    private int LineEnd() => _text.IndexOf('\n', _at) is var end && end < 0 ? _text.Length : end;

    private void Comment(int end)
    {
        for (; _at < end; _at++)
        {
            _comments[_at] = _text[_at];
        }
    }

    private void Character()
    {
        _at += At(1) == '\\' ? 3 : 2;
        while (_at < _text.Length && _text[_at] is not ('\'' or '\n'))
        {
            _at++;
        }

        _at++;
    }

    private char At(int offset) => _at + offset < _text.Length ? _text[_at + offset] : '\0';

    private bool TryLiteral()
    {
        var dollars = 0;
        var isVerbatim = false;
        var at = _at;
        for (; at < _text.Length && _text[at] is ('$' or '@'); at++)
        {
            dollars += _text[at] == '$' ? 1 : 0;
            isVerbatim |= _text[at] == '@';
        }

        if (at >= _text.Length || _text[at] != '"')
        {
            return false;
        }

        var quotes = 0;
        while (at + quotes < _text.Length && _text[at + quotes] == '"')
        {
            quotes++;
        }

        if (quotes >= 3)
        {
            _at = at + quotes;
            Raw(quotes, dollars);
            return true;
        }

        _at = at + 1;
        Quoted(isVerbatim, dollars > 0);
        return true;
    }

    private void Quoted(bool isVerbatim, bool hasHoles)
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\\' && !isVerbatim)
            {
                _at += 2;
            }
            else if (c == '"' && isVerbatim && At(1) == '"')
            {
                _at += 2;
            }
            else if (c == '"' || (c == '\n' && !isVerbatim))
            {
                _at++;
                return;
            }
            else if (c == '{' && hasHoles && At(1) == '{')
            {
                _at += 2;
            }
            else
            {
                _at++;
                if (c == '{' && hasHoles)
                {
                    ScanCode(untilHoleEnds: true);
                }
            }
        }
    }

    private void Raw(int quotes, int dollars)
    {
        var closing = new string('"', quotes);
        var opening = new string('{', dollars);
        while (_at < _text.Length && !StartsWith(closing))
        {
            if (dollars > 0 && StartsWith(opening) && At(dollars) != '{')
            {
                _at += dollars;
                ScanCode(untilHoleEnds: true);
            }
            else
            {
                _at++;
            }
        }

        _at += quotes;
    }
}
