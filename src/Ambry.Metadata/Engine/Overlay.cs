using System.Collections.Immutable;

namespace Ambry.Metadata.Engine;

/// <summary>One changed key; a null value is a removal, and hides what the leaves say.</summary>
internal sealed record OverlayEntry(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>Key, value, and about what the tree node, the record and two arrays take.</summary>
    public int MemoryBytes => Key.Length + (Value?.Length ?? 0) + 200;
}

/// <summary>
/// Applied changes that are not in leaves yet, in key order. Immutable: each log entry makes a new one that shares most
/// of its nodes, so a reader keeps a consistent picture without a lock.
/// </summary>
internal sealed class Overlay
{
    public static readonly Overlay Empty = new(ImmutableSortedSet<OverlayEntry>.Empty.WithComparer(new KeyOrder()), 0);

    private readonly ImmutableSortedSet<OverlayEntry> _entries;

    private Overlay(ImmutableSortedSet<OverlayEntry> entries, long bytes)
    {
        _entries = entries;
        MemoryBytes = bytes;
    }

    public int Count => _entries.Count;

    public long MemoryBytes { get; }

    public OverlayEntry this[int index] => _entries[index];

    /// <summary>With the changes on top; keys and values are copied, because the caller's may be a pooled buffer.</summary>
    public Overlay With(IReadOnlyList<ShardChange> changes)
    {
        var builder = _entries.ToBuilder();
        var bytes = MemoryBytes;
        foreach (var change in changes)
        {
            ReadOnlyMemory<byte>? value = change.Value is { } given
                ? given.ToArray()
                : default(ReadOnlyMemory<byte>?);
            var entry = new OverlayEntry(change.Key.ToArray(), value);
            if (!builder.Add(entry))
            {
                builder.TryGetValue(entry, out var displaced);
                bytes -= displaced.MemoryBytes;
                builder.Remove(displaced);
                builder.Add(entry);
            }

            bytes += entry.MemoryBytes;
        }

        return new Overlay(builder.ToImmutable(), bytes);
    }

    public bool TryGet(ReadOnlyMemory<byte> key, out ReadOnlyMemory<byte>? value)
    {
        if (_entries.Count > 0 && _entries.TryGetValue(new OverlayEntry(key, null), out var entry))
        {
            value = entry.Value;
            return true;
        }

        value = null;
        return false;
    }

    /// <summary>The index of the first entry at or above the key.</summary>
    public int Seek(ReadOnlyMemory<byte> key)
    {
        var index = _entries.IndexOf(new OverlayEntry(key, null));
        return index < 0 ? ~index : index;
    }

    public OverlayEntry[] ToArray() => [.. _entries];

    private sealed class KeyOrder : IComparer<OverlayEntry>
    {
        public int Compare(OverlayEntry? left, OverlayEntry? right) => ByteOrder.Compare(left!.Key, right!.Key);
    }
}
