using System.Text.Json;
using Ambry.Protocol;

namespace Ambry.ClusterMap.Status;

/// <summary>
/// One record of a replica as a line of <c>GET /partitions/{p}/blobs</c> of a node's admin listener. The last line of
/// an answer is a <see cref="RecordsEnd"/> instead.
/// </summary>
/// <param name="Kind">put, delete, ttl or undelete.</param>
/// <param name="Expires">From this record on; null for never, and for a delete.</param>
/// <param name="Crc">CRC-32C of the content of a put; 0 for others.</param>
/// <param name="Content">ok, corrupt or missing when content was read too, of a put that is live; else null.</param>
public sealed record RecordLine(
    long Lsn,
    string Id,
    string Kind,
    ushort LifeVersion,
    DateTimeOffset Time,
    DateTimeOffset? Expires,
    int Size,
    uint Crc,
    string? Content = null)
{
    public const string Put = "put";
    public const string Delete = "delete";
    public const string Ttl = "ttl";
    public const string Undelete = "undelete";

    public const string ContentOk = "ok";
    public const string ContentCorrupt = "corrupt";
    public const string ContentMissing = "missing";

    public static RecordLine Of(in StoreEntry entry, string? content = null) => new(
        entry.Lsn,
        entry.Id.ToString(),
        WordOf(entry.Kind),
        entry.LifeVersion,
        entry.OperationTime,
        entry.ExpiresAt,
        entry.SizeBytes,
        entry.ContentCrc,
        content);

    /// <summary>Without a line end.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.OneLine);

    /// <summary>Null when the line is not one.</summary>
    public static RecordLine? TryParse(ReadOnlySpan<byte> utf8Line)
    {
        try
        {
            RecordLine? line = JsonSerializer.Deserialize<RecordLine>(utf8Line, StatusJson.OneLine);
            return line is { Lsn: > 0, Id.Length: > 0, Kind: Put or Delete or Ttl or Undelete } ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string WordOf(StoreRecordKind kind) => kind switch
    {
        StoreRecordKind.Put => Put,
        StoreRecordKind.Delete => Delete,
        StoreRecordKind.TtlUpdate => Ttl,
        StoreRecordKind.Undelete => Undelete,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of record."),
    };
}

/// <summary>The last line of an answer: without it the answer was cut short.</summary>
/// <param name="Next">What to ask for as <c>after</c> next.</param>
/// <param name="End">Whether there was nothing beyond <paramref name="Next"/>.</param>
/// <param name="LastLsn">The newest record of the replica.</param>
public sealed record RecordsEnd(long Next, bool End, long LastLsn)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.OneLine);

    /// <summary>Null when the line is not one.</summary>
    public static RecordsEnd? TryParse(ReadOnlySpan<byte> utf8Line)
    {
        try
        {
            using var line = JsonDocument.Parse(utf8Line.ToArray());
            return line.RootElement.ValueKind == JsonValueKind.Object
                && line.RootElement.TryGetProperty("next", out _)
                && line.RootElement.TryGetProperty("lastLsn", out _)
                    ? line.RootElement.Deserialize<RecordsEnd>(StatusJson.OneLine)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
