using System.Globalization;
using Ambry.ClusterMap.Status;

namespace Ambry.Control.Cluster;

/// <summary>What the records of one replica make of a blob. Immutable.</summary>
/// <param name="ExpiresMs">Since 1970, UTC; <see cref="Never"/> for never.</param>
/// <param name="IsDamaged">Its content was read and is not what was written.</param>
internal readonly record struct BlobState(
    bool IsLive, int Size, uint Crc, long ExpiresMs, ushort LifeVersion, bool IsDamaged)
{
    public const long Never = long.MaxValue;

    /// <summary>After one more record of the blob, in LSN order.</summary>
    public BlobState With(RecordLine line)
    {
        long expires = line.Expires?.ToUnixTimeMilliseconds() ?? Never;
        return line.Kind switch
        {
            RecordLine.Put => new BlobState(
                true,
                line.Size,
                line.Crc,
                expires,
                line.LifeVersion,
                line.Content is not (null or RecordLine.ContentOk)),
            RecordLine.Delete => this with { IsLive = false, LifeVersion = line.LifeVersion },
            RecordLine.Ttl => this with { ExpiresMs = expires, LifeVersion = line.LifeVersion },
            _ => this with { IsLive = true, ExpiresMs = expires, LifeVersion = line.LifeVersion },
        };
    }

    /// <summary>
    /// Deleted, expired and never there are the same: when records of such a blob go is each replica's own business.
    /// </summary>
    public BlobState SeenAt(long nowMs) => IsLive && ExpiresMs > nowMs ? this : default;

    public override string ToString() => !IsLive
        ? "absent"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Size} bytes, crc {Crc:x8}, life {LifeVersion}, expires {ExpiryText()}{(IsDamaged ? ", DAMAGED" : "")}");

    private string ExpiryText() =>
        ExpiresMs == Never ? "never" : Words.Time(DateTimeOffset.FromUnixTimeMilliseconds(ExpiresMs));
}
