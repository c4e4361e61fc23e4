using System.Text;

namespace Ambry.ClusterMap;

/// <summary>The upper-case words of the layout files for the members of an enum: ReadWrite is READ_WRITE.</summary>
internal static class LayoutWords<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values =
        Enum.GetValues<T>().ToDictionary(value => ToWord(value.ToString()), StringComparer.Ordinal);

    public static string Known { get; } = string.Join(", ", Values.Keys);

    public static bool TryGet(string word, out T value) => Values.TryGetValue(word, out value);

    public static string Of(T value) => ToWord(value.ToString());

    private static string ToWord(string name)
    {
        var word = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && word.Length > 0)
            {
                word.Append('_');
            }

            word.Append(char.ToUpperInvariant(letter));
        }

        return word.ToString();
    }
}
