using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Walks the parts of a composite that a range touches, in order. The list of a nested composite is fetched only when
/// the range reaches it. Not thread safe: one reader, one loop.
/// </summary>
/// <param name="stepMax">Bytes that a step may have now.</param>
internal sealed class CompositeCursor(
    BlobFetcher fetcher, BlobPart[] parts, long start, long end, Func<int> stepMax)
{
    private BlobPart[] _nested = [];
    private int _nestedNext;
    private int _next;

    // Where the next part of the innermost open list starts.
    private long _position;
    private Task<PartListResult>? _pendingList;

    // What is left of the part that the last step began.
    private CursorStep _rest;

    /// <param name="wait">False to get <see cref="CursorStepKind.Pending"/> where a list has to be waited for.</param>
    public async ValueTask<CursorStep> NextAsync(bool wait, CancellationToken token)
    {
        if (_rest.Length > 0)
        {
            return Shorten(_rest);
        }

        while (true)
        {
            if (_nestedNext < _nested.Length)
            {
                BlobPart inner = _nested[_nestedNext++];
                if (TryCut(inner, out CursorStep innerStep))
                {
                    return Shorten(innerStep);
                }
            }
            else if (_next >= parts.Length || _position >= end)
            {
                return new CursorStep(CursorStepKind.End);
            }
            else if (parts[_next].Id.Kind == BlobKind.Composite && Touches(parts[_next]))
            {
                _pendingList ??= fetcher.FetchPartsAsync(
                    parts[_next].Id, includeDeleted: true, allowComposites: false, token);
                if (!wait && !_pendingList.IsCompleted)
                {
                    return new CursorStep(CursorStepKind.Pending);
                }

                RouterError error = await OpenNestedAsync(parts[_next++].SizeBytes, _pendingList);
                if (error != RouterError.None)
                {
                    return new CursorStep(CursorStepKind.Failed, Error: error);
                }
            }
            else if (TryCut(parts[_next++], out CursorStep step))
            {
                return Shorten(step);
            }
        }
    }

    /// <summary>Waits for a list that is being fetched, after the fetch was cancelled.</summary>
    public async ValueTask DrainAsync()
    {
        try
        {
            await (_pendingList ?? Task.CompletedTask);
        }
        catch (OperationCanceledException) when (_pendingList!.IsCanceled)
        {
            // That is what was asked for; a list holds no pooled memory.
            _pendingList = null;
        }
    }

    private async ValueTask<RouterError> OpenNestedAsync(long sizeBytes, Task<PartListResult> pending)
    {
        PartListResult list = await pending;
        _pendingList = null;
        long listedBytes = 0;
        foreach (BlobPart part in list.Parts)
        {
            listedBytes += part.SizeBytes;
        }

        _nested = list.Parts;
        _nestedNext = 0;
        return list.Error == RouterError.None && listedBytes != sizeBytes ? RouterError.Corrupt : list.Error;
    }

    private CursorStep Shorten(CursorStep step)
    {
        int length = Math.Min(step.Length, stepMax());
        _rest = step with { Offset = step.Offset + length, Length = step.Length - length };
        return step with { Length = length };
    }

    private bool Touches(BlobPart part) =>
        part.SizeBytes > 0 && _position < end && _position + part.SizeBytes > start;

    /// <summary>Moves past the part; true when some of it lies in the range.</summary>
    private bool TryCut(BlobPart part, out CursorStep step)
    {
        bool touches = Touches(part);
        long from = Math.Max(start - _position, 0);
        long to = Math.Min(end - _position, part.SizeBytes);
        _position += part.SizeBytes;
        step = touches ? new CursorStep(CursorStepKind.Segment, part.Id, from, (int)(to - from)) : default;
        return touches;
    }
}

internal enum CursorStepKind
{
    End,
    Segment,
    Pending,
    Failed,
}

/// <summary>The range of one stored blob that comes next, or why there is none.</summary>
internal readonly record struct CursorStep(
    CursorStepKind Kind, BlobId Id = default, long Offset = 0, int Length = 0, RouterError Error = RouterError.None);
