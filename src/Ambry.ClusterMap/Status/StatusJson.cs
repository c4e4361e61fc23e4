using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ambry.ClusterMap.Status;

/// <summary>How the answers of the admin listener about the cluster are written.</summary>
internal static class StatusJson
{
    public static readonly JsonSerializerOptions Indented = Create(isIndented: true);

    /// <summary>For JSON lines.</summary>
    public static readonly JsonSerializerOptions OneLine = Create(isIndented: false);

    private static JsonSerializerOptions Create(bool isIndented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = isIndented,
        MaxDepth = 8,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false) },
    };
}
