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
    private readonly Dictionary<int, Known> _blobs = [];

    [Flags]
    private enum Known
    {
        Absent = 1,
        Live = 2,
        Deleted = 4,
    }

    public int Acknowledged { get; private set; }

    public int Flushes { get; private set; }

    public string? Error { get; private set; }

    public void Read(string line)
    {
        int number = int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
        switch (line[0])
        {
            case 'P':
                _blobs[number] = Known.Live;
                Acknowledged++;
                break;
            case 'd':
                _blobs[number] |= Known.Deleted;
                break;
            case 'D':
                _blobs[number] = Known.Deleted;
                Acknowledged++;
                break;
            case 'F':
                Flushes++;
                break;
            case 'E':
                Error ??= $"A change was answered {(StoreError)number}.";
                break;
        }
    }

    /// <summary>Everything that was said is there; what is seen now stays.</summary>
    public async Task VerifyAsync(BlobStore store, string when)
    {
        store.Status.State.ShouldBe(StoreState.Running, $"{when}: {store.Status.Reason}");
        Dictionary<int, Known> seen = await SequenceAsync(store);
        foreach (int number in _blobs.Keys.Union(seen.Keys).ToList())
        {
            Known state = await LookAsync(store, number, when);
            state.ShouldBe(seen.GetValueOrDefault(number, Known.Absent), $"{when}: blob {number} and the sequence");
            // A put that nobody heard the answer of may be there or not.
            Known known = _blobs.GetValueOrDefault(number, Known.Absent | Known.Live);
            ((known & state) != 0).ShouldBeTrue($"{when}: blob {number} is {state}, it was {known}");
            _blobs[number] = state;
        }
    }

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
            StoreError.None => Known.Live,
            StoreError.Deleted => Known.Deleted,
            StoreError.NotFound => Known.Absent,
            _ => throw new ShouldAssertException($"{when}: blob {number} answers {read.Error}"),
        };
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
