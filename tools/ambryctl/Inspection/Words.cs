using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Control;

/// <summary>How values are written, for people and for programs.</summary>
internal static class Words
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, Json);

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>The same, absent instead of a dash.</summary>
    public static string? JsonTime(DateTimeOffset? time) => time is null ? null : Time(time);

    public static string Position(LogPosition position) => $"{position.Segment}:{position.Offset}";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Kind(StoreRecordKind kind) => kind switch
    {
        StoreRecordKind.Put => "put",
        StoreRecordKind.Delete => "delete",
        StoreRecordKind.TtlUpdate => "ttl-update",
        StoreRecordKind.Undelete => "undelete",
        _ => $"kind {(int)kind}",
    };

    public static string Bytes(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return unit == 0
            ? $"{bytes} bytes"
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {units[unit]}");
    }

    public static string Count(long count, string one, string? many = null) =>
        count == 1 ? $"1 {one}" : $"{count} {many ?? one + "s"}";
}
