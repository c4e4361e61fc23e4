using System.Buffers;

namespace Ambry.S3.Requests;

/// <summary>What HTTP allows as the name of a field (RFC 9110, section 5.6.2). Stateless.</summary>
public static class HeaderNames
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsToken(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(Characters);
}
