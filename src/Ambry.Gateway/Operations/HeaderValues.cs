using System.Buffers;

namespace Ambry.Gateway.Operations;

/// <summary>Which texts may stand in a header of an answer.</summary>
internal static class HeaderValues
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (char)value).Where(value => value != '\t'), '\x7F']);

    public static bool IsSendable(string value) => !value.AsSpan().ContainsAny(Forbidden);
}
