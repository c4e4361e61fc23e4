using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>One reading of a store or a log from end to end. Used once.</summary>
internal sealed class VerifyPass(IDisk disk, StorePlace place, IProgress<VerifyProgress>? progress)
{
    private readonly FindingList _findings = new(place.Folder);
    private InspectedDescriptor? _descriptor;
    private IndexCursor? _index;
    private VerifyTally _tally = new(null, 0);

    public async ValueTask<VerifyReport> RunAsync(CancellationToken token)
    {
        if (place.Kind == StorePlaceKind.Store)
        {
            await ReadDescriptorAsync(token);
        }

        LogInspection? log = await LogInspector.InspectAsync(disk, place.LogFolder, token);
        if (log is null)
        {
            ReportNoLog();
        }
        else
        {
            await VerifyLogAsync(log, token);
        }

        return new VerifyReport(
            place, _descriptor, _tally.ToCounts(_index), _findings.Damage, _findings.MoreDamage, _findings.Notes);
    }

    private async ValueTask ReadDescriptorAsync(CancellationToken token)
    {
        string path = $"{place.Folder}/{StoreDescriptor.FileName}";
        try
        {
            _descriptor = await InspectedDescriptor.ReadAsync(disk, place.Folder, token);
            if (_descriptor is null)
            {
                _findings.AddDamage(VerifyFault.Descriptor, path, null, null, "the descriptor is missing");
            }
        }
        catch (StoreFormatException)
        {
            _findings.AddDamage(
                VerifyFault.Descriptor, path, 0, null, "the descriptor is damaged or of a newer version");
        }
    }

    private void ReportNoLog()
    {
        if (place.IndexFolder is { } folder && IndexInspector.List(disk, folder).Count > 0)
        {
            _findings.AddDamage(
                VerifyFault.LogMissing, place.LogFolder, null, null, "there is no log, though there is an index of it");
        }
        else
        {
            _findings.AddNote(place.LogFolder, null, null, "there is no log: nothing was ever stored here");
        }
    }

    private async ValueTask VerifyLogAsync(LogInspection log, CancellationToken token)
    {
        ReportFiles(log);
        InspectedSegment[] live = [.. log.Segments.Where(segment => segment.Role == InspectedSegmentRole.Live)];
        ReportGaps(log, live);
        _tally = new VerifyTally(progress, live.Sum(segment => segment.FileBytes)) { Segments = live.Length };
        if (place.IndexFolder is { } folder)
        {
            _index = new IndexCursor(disk, folder, live.ToDictionary(segment => segment.Number), _findings);
        }

        var context = new StoreContext(place.Kind == StorePlaceKind.Store, _descriptor?.Partition);
        SegmentVerifier? tail = null;
        for (int i = 0; i < live.Length; i++)
        {
            tail = await VerifySegmentAsync(log, live, i, context, token);
        }

        if (_index is not null)
        {
            await _index.FinishAsync(_tally.IsClosed, token);
            CheckReach(live, _index.CoveredTo);
        }

        tail?.Decide(Math.Max(tail.ProvenLsn, _index?.CoveredTo ?? 0));
    }

    private void ReportFiles(LogInspection log)
    {
        if (log.ManifestDamage is { } damage)
        {
            _findings.AddDamage(VerifyFault.Manifest, $"{log.Folder}/manifest", null, null, damage);
        }

        if (log.Erasing is null)
        {
            _findings.AddDamage(
                VerifyFault.EraseRedo, $"{log.Folder}/erase.redo", null, null, "an erasure cannot be done again");
        }
        else if (log.HasEraseRedo)
        {
            _findings.AddNote(log.Folder, null, null, "an erasure was cut short; the next start does it again");
        }

        foreach (InspectedSegment segment in log.Segments)
        {
            if (segment.Role == InspectedSegmentRole.Missing)
            {
                _findings.AddDamage(VerifyFault.SegmentMissing, segment.Path, null, null, "the segment is missing");
            }
            else if (segment.Role == InspectedSegmentRole.LeftOver)
            {
                _findings.AddNote(segment.Path, null, null, "a left-over; the next start deletes it");
            }
        }
    }

    /// <summary>Without a manifest the numbers alone say which segments belong to the log.</summary>
    private void ReportGaps(LogInspection log, InspectedSegment[] live)
    {
        for (int i = 1; i < live.Length && log.Manifest is null; i++)
        {
            if (live[i].Number != live[i - 1].Number + 1)
            {
                _findings.AddDamage(
                    VerifyFault.SegmentMissing,
                    live[i].Path,
                    null,
                    null,
                    $"segment {live[i - 1].Number + 1} is missing before it");
            }
        }
    }

    /// <summary>Null when the segment cannot be read at all.</summary>
    private async ValueTask<SegmentVerifier?> VerifySegmentAsync(
        LogInspection log, InspectedSegment[] live, int at, StoreContext context, CancellationToken token)
    {
        InspectedSegment segment = live[at];
        bool isTail = at == live.Length - 1;
        if (!segment.IsHeaderIntact)
        {
            await ReportHeaderAsync(segment, isTail && at > 0, token);
            return null;
        }

        var verifier = new SegmentVerifier(
            disk, segment, ExpectAt(log, live, at), context, _index, _tally, _findings);
        try
        {
            await verifier.RunAsync(token);
        }
        catch (FileNotFoundException)
        {
            _findings.AddDamage(
                VerifyFault.SegmentMissing, segment.Path, null, null, "the segment went away while it was read");
        }

        return verifier;
    }

    private static SegmentExpectation ExpectAt(LogInspection log, InspectedSegment[] live, int at) =>
        Expect(log, live, at) with
        {
            Erasing = (log.Erasing ?? []).Where(position => position.Segment == live[at].Number)
                .Select(position => (long)position.Offset).ToHashSet(),
        };

    private static SegmentExpectation Expect(LogInspection log, InspectedSegment[] live, int at)
    {
        InspectedSegment segment = live[at];
        bool isTail = at == live.Length - 1;
        InspectedManifestEntry? listed = log.Manifest?.Entries.FirstOrDefault(entry => entry.Number == segment.Number);
        if (segment.Number >= LogSegmentState.FirstCompactedNumber)
        {
            return new SegmentExpectation(isTail, listed?.LastLsn, listed?.Records ?? 0, listed?.EndOffset);
        }

        if (listed is not null)
        {
            return new SegmentExpectation(isTail, listed.LastLsn, null, null);
        }

        // A segment ends where the next one begins; a head that was rewritten changes nothing in what its header says.
        InspectedSegment? next = isTail ? null : live[at + 1];
        bool follows = next is { IsHeaderIntact: true } && next.Number == segment.Number + 1;
        return new SegmentExpectation(isTail, follows ? next!.HeaderFirstLsn - 1 : null, null, null);
    }

    private async ValueTask ReportHeaderAsync(InspectedSegment segment, bool mayBeUnfinished, CancellationToken token)
    {
        if (mayBeUnfinished && !await HoldsDataAsync(segment, token))
        {
            _findings.AddNote(segment.Path, 0, null, "the segment was being created; the next start removes it");
            return;
        }

        _findings.AddDamage(VerifyFault.SegmentHeader, segment.Path, 0, null, "the segment's header is damaged");
    }

    private async ValueTask<bool> HoldsDataAsync(InspectedSegment segment, CancellationToken token)
    {
        using IDiskFile file = disk.Open(segment.Path, create: false);
        byte[] block = new byte[64 * 1024];
        for (long offset = RecordInspector.HeaderBytes; ;)
        {
            int read = await file.ReadAsync(offset, block, token);
            if (read == 0)
            {
                return false;
            }

            if (block.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return true;
            }

            offset += read;
        }
    }

    /// <summary>The index speaks only of what was durable.</summary>
    private void CheckReach(InspectedSegment[] live, long coveredTo)
    {
        long last = Math.Max(_tally.LastLsn, live.Length > 0 ? live[^1].HeaderFirstLsn - 1 : 0);
        if (coveredTo > last)
        {
            _findings.AddDamage(
                VerifyFault.LogEndsEarly,
                place.LogFolder,
                null,
                last + 1,
                $"the log ends at record {last}, but record {coveredTo} was durable once");
        }
    }
}
