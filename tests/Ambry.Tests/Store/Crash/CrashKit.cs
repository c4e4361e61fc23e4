using Ambry.Log;
using Ambry.Store;

namespace Ambry.Tests.Store.Crash;

/// <summary>What scripts and checks share: options under which everything rolls soon, and contents made once.</summary>
internal static class CrashKit
{
    public const int Blobs = 72;

    /// <summary>Above every blob of a script: written after a crash.</summary>
    public const int FirstAfterCrash = 1000;

    public static readonly CrashRules Rules = new(TimeSpan.FromDays(7), TimeSpan.FromDays(1));

    private static readonly byte[][] Contents =
    [
        .. Enumerable.Range(0, Blobs)
            .Select(blob => StoreKit.Content(blob, blob % 6 == 0 ? 14_000 + blob : blob * 37 % 900)),
    ];

    public static BlobStoreOptions Options(DurabilityMode mode = DurabilityMode.Group) =>
        StoreKit.Options(rollEntries: 12, segmentBytes: 64 * 1024, journalEntries: 10, mode: mode);

    public static byte[] Content(int blob) => blob < Blobs ? Contents[blob] : [1, 2, (byte)blob];
}
