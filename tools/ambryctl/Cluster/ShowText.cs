using System.Text.Json;

namespace Ambry.Control.Cluster;

internal static class ShowText
{
    /// <summary>The word of the layout files: ReadWrite is READ_WRITE.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
