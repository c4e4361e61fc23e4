using Ambry.Log;
using Ambry.Metadata.State;

namespace Ambry.Metadata.Listings;

/// <summary>What a listing walks over: a table of a bucket, narrowed by a prefix, rolled up at a delimiter.</summary>
/// <param name="After">The marker by name; empty for none.</param>
/// <param name="From">Overrides where the walk begins behind the marker, when that is not simply behind the
/// name.</param>
internal sealed record ListRange(
    byte Table,
    BucketId Bucket,
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Delimiter,
    ReadOnlyMemory<byte> After,
    ReadOnlyMemory<byte>? From = null);

/// <summary>A name with its value, or a common prefix without.</summary>
internal readonly record struct ListedName(byte[] Name, ReadOnlyMemory<byte>? Value);

/// <summary>
/// Lists names in byte order with common prefixes. Cost follows the page: a common prefix is one seek, however many
/// names share it. Stateless.
/// </summary>
internal static class BucketLister
{
    /// <summary>Behind a common prefix the next item is likely to be another one, so little is read ahead.</summary>
    private const int PageWithDelimiter = 8;

    public static async ValueTask<(List<ListedName> Names, bool IsTruncated)> ListAsync(
        IReadOnlyList<IShardState> shards, ListRange range, int maxItems, CancellationToken token)
    {
        var names = new List<ListedName>();
        if (maxItems <= 0 || Open(shards, range, maxItems) is not { } merge)
        {
            return (names, false);
        }

        while (await merge.PeekAsync(token) is { } item)
        {
            if (!StateKeys.TryReadName(item.Key.Span, out byte[] name, out int suffix))
            {
                throw new CorruptRecordException("A key of a listing's table holds no name.");
            }

            if (range.Table == StateKeys.ObjectTable && item.Key.Span[suffix] != StateKeys.CurrentVersion)
            {
                merge.Advance();
                continue;
            }

            if (names.Count == maxItems)
            {
                return (names, true);
            }

            int common = CommonPrefixLength(range, name);
            names.Add(common == 0 ? new ListedName(name, item.Value) : new ListedName(name[..common], null));
            if (common == 0)
            {
                merge.Advance();
            }
            else if (StateKeys.Successor(name.AsSpan(0, common)) is { } successor)
            {
                merge.Seek(StateKeys.Name(range.Table, range.Bucket, successor));
            }
            else
            {
                return (names, false);
            }
        }

        return (names, false);
    }

    /// <summary>Bytes up to and with the first delimiter behind the prefix; 0 when there is none.</summary>
    private static int CommonPrefixLength(ListRange range, ReadOnlySpan<byte> name)
    {
        if (range.Delimiter.IsEmpty)
        {
            return 0;
        }

        int at = name[range.Prefix.Length..].IndexOf(range.Delimiter.Span);
        return at < 0 ? 0 : range.Prefix.Length + at + range.Delimiter.Length;
    }

    private static OrderedMerge? Open(IReadOnlyList<IShardState> shards, ListRange range, int maxItems)
    {
        var bucket = StateKeys.BucketPrefix(range.Table, range.Bucket);
        byte[] end = StateKeys.Successor(range.Prefix.Span) is { } behind
            ? StateKeys.Name(range.Table, range.Bucket, behind)
            : StateKeys.Successor(bucket)!;
        ReadOnlyMemory<byte> from = StateKeys.Name(range.Table, range.Bucket, range.Prefix.Span);
        if (!range.After.IsEmpty)
        {
            if (Behind(range) is not { } start)
            {
                return null;
            }

            from = start.Span.SequenceCompareTo(from.Span) > 0 ? start : from;
        }

        if (from.Span.SequenceCompareTo(end) >= 0)
        {
            return null;
        }

        int page = range.Delimiter.IsEmpty ? (maxItems / shards.Count) + PageWithDelimiter : PageWithDelimiter;
        return new OrderedMerge([.. shards.Select(shard => new ShardCursor(shard, from, end, page))]);
    }

    /// <summary>Where the walk begins behind a marker; null when nothing can follow it.</summary>
    private static ReadOnlyMemory<byte>? Behind(ListRange range)
    {
        var after = range.After.Span;
        if (after.StartsWith(range.Prefix.Span) && CommonPrefixLength(range, after) == after.Length)
        {
            return StateKeys.Successor(after) is { } successor
                ? StateKeys.Name(range.Table, range.Bucket, successor)
                : (ReadOnlyMemory<byte>?)null;
        }

        if (range.From is { } from)
        {
            return from;
        }

        byte[] next = new byte[after.Length + 1];
        after.CopyTo(next);
        return StateKeys.Name(range.Table, range.Bucket, next);
    }
}
