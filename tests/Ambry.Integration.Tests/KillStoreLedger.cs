using System.Globalization;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Integration.Tests;

/// <summary>
/// What the lines of the killed process say of each blob, compared with what its store shows. Lines come one after the
/// other; not thread safe.
/// </summary>
internal sealed class KillStoreLedger
{
    // What each blob may be, and when it may expire.
    private readonly Dictionary<int, Known> _blobs = [];

    [Flags]
    private enum Known
    {
        Absent = 1,
        Live = 2,
        Deleted = 4,
        Expiring = 8,
        Lasting = 16,
        States = Absent | Live | Deleted,
        Expiries = Expiring | Lasting,
    }

    public int Acknowledged { get; private set; }

    public int Flushes { get; private set; }

    public int Compactions { get; private set; }

    /// <summary>Records that compactions dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Blobs whose content was overwritten after their deletion.</summary>
    public int Erased { get; private set; }

    public string? Error { get; private set; }

    public void Read(string line)
    {
        int number = int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
        Acknowledged += line[0] is 'P' or 'T' or 'D' or 'U' ? 1 : 0;
        switch (line[0])
        {
            case 'P':
                _blobs[number] = Known.Live | ExpiryOf(number);
                break;
            case 't':
                _blobs[number] |= Known.Lasting;
                break;
            case 'T':
                _blobs[number] &= ~Known.Expiring;
                break;
            case 'd':
                _blobs[number] |= Known.Deleted;
                break;
            case 'D':
                Set(number, Known.Deleted);
                break;
            case 'u':
                _blobs[number] |= Known.Live;
                break;
            case 'U':
                Set(number, Known.Live);
                break;
            case 'F':
                Flushes++;
                break;
            case 'E':
                Erased += number;
                break;
            case 'C':
                Compactions++;
                Dropped += number;
                break;
            case 'X':
                Error ??= $"A change was answered {(StoreError)number}.";
                break;
        }
    }

    /// <summary>Everything that was said is there; what is seen now stays.</summary>
    public async Task VerifyAsync(BlobStore store, string when)
    {
        store.Status.State.ShouldBe(StoreState.Running, $"{when}: {store.Status.Reason}");
        Dictionary<int, Known> seen = await SequenceAsync(store);
        List<string> faults = [];
        foreach (int number in _blobs.Keys.Union(seen.Keys).ToList())
        {
            Known state;
            try
            {
                state = await LookAsync(store, number, when);
            }
            catch (ShouldAssertException e)
            {
                faults.Add(e.Message);
                continue;
            }
            (state & Known.States)
                .ShouldBe(seen.GetValueOrDefault(number, Known.Absent), $"{when}: blob {number} and the sequence");
            // A put that nobody heard the answer of may be there or not.
            Known known = _blobs.GetValueOrDefault(number, Known.Absent | Known.Live | ExpiryOf(number));
            // Of a deleted one compaction may have taken everything.
            known |= (known & Known.Deleted) != 0 ? Known.Absent : 0;
            ((known & state) == state).ShouldBeTrue($"{when}: blob {number} is {state}, it was {known}");
            // Only of a live one the expiry can be seen.
            _blobs[number] = (state & Known.Expiries) != 0 ? state : state | (known & Known.Expiries);
        }

        if (faults.Count > 0)
        {
            throw new ShouldAssertException(faults.Count + " faults: " + string.Join("\n", faults));
        }
    }

    private static Known ExpiryOf(int number) =>
        KillStoreKit.ExpiryOf(number) is null ? Known.Lasting : Known.Expiring;

    private void Set(int number, Known state) => _blobs[number] = state | (_blobs[number] & Known.Expiries);

    private static async Task<Known> LookAsync(BlobStore store, int number, string when)
    {
        using StoreReadResult read =
            await store.GetAsync(new GetBlobRequest(KillStoreKit.Id(number)), CancellationToken.None);
        if (read.Error == StoreError.None)
        {
            read.Content.Span.SequenceEqual(KillStoreKit.Content(number)).ShouldBeTrue($"{when}: bytes of {number}");
        }

        return read.Error switch
        {
            StoreError.None => Known.Live | (read.Properties!.ExpiresAt is null ? Known.Lasting : Known.Expiring),
            StoreError.Deleted => Known.Deleted,
            StoreError.NotFound => Known.Absent,
            _ => throw new ShouldAssertException(
                $"{when}: blob {number} answers {read.Error}, its records are {await RecordsAsync(store, number)}"),
        };
    }

    private static async Task<string> RecordsAsync(BlobStore store, int number)
    {
        List<StoreEntry> records = [];
        long token = 0;
        while ((await store.FindSinceAsync(token, 1000, CancellationToken.None)).Entries is { Count: > 0 } page)
        {
            records.AddRange(page.Where(entry => KillStoreKit.NumberOf(entry.Id) == number));
            token = page[^1].Lsn;
        }

        return string.Join("; ", records);
    }

    private static async Task<Dictionary<int, Known>> SequenceAsync(BlobStore store)
    {
        Dictionary<int, Known> newest = [];
        long token = 0;
        while ((await store.FindSinceAsync(token, 1000, CancellationToken.None)).Entries is { Count: > 0 } page)
        {
            foreach (StoreEntry entry in page)
            {
                entry.Lsn.ShouldBeGreaterThan(token);
                newest[KillStoreKit.NumberOf(entry.Id)] =
                    entry.Kind == StoreRecordKind.Delete ? Known.Deleted : Known.Live;
                token = entry.Lsn;
            }
        }

        return newest;
    }
}
