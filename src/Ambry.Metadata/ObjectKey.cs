using System.Text;

namespace Ambry.Metadata;

/// <summary>
/// The name of an object: 1 to 1,024 bytes, taken as they are and compared as bytes. Immutable; the memory given must
/// not change afterwards.
/// </summary>
public readonly struct ObjectKey(ReadOnlyMemory<byte> bytes) : IEquatable<ObjectKey>, IComparable<ObjectKey>
{
    /// <summary>S3's limit on a key, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024;

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public ReadOnlySpan<byte> Span => Bytes.Span;

    public static bool operator ==(ObjectKey left, ObjectKey right) => left.Equals(right);

    public static bool operator !=(ObjectKey left, ObjectKey right) => !left.Equals(right);

    public bool Equals(ObjectKey other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is ObjectKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public int CompareTo(ObjectKey other) => Span.SequenceCompareTo(other.Span);

    public override string ToString() => Encoding.UTF8.GetString(Span);
}
