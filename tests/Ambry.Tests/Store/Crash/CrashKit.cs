namespace Ambry.Tests.Store.Crash;

/// <summary>What scripts and checks share: contents are made once.</summary>
internal static class CrashKit
{
    public const int Blobs = 84;

    /// <summary>From here on they are large and go all together: whole segments of them are dropped.</summary>
    public const int FirstDoomed = 72;

    /// <summary>Above every blob of a script: written after a crash.</summary>
    public const int FirstAfterCrash = 1000;

    public static readonly CrashRules Rules = new(TimeSpan.FromDays(7), TimeSpan.FromDays(1));

    private static readonly byte[][] Contents =
    [
        .. Enumerable.Range(0, Blobs)
            .Select(blob => StoreKit.Content(blob, IsLarge(blob) ? 14_000 + blob : blob * 37 % 900)),
    ];

    private static readonly byte[][] Metadata =
        [.. Enumerable.Range(0, Blobs).Select(blob => StoreKit.Content(blob + 1_000_000, blob % 50))];

    public static byte[] UserMetadata(int blob) =>
        blob < Blobs ? Metadata[blob] : StoreKit.Content(blob + 1_000_000, blob % 50);

    public static byte[] Content(int blob) => blob < Blobs ? Contents[blob] : [1, 2, (byte)blob];

    private static bool IsLarge(int blob) => blob % 3 == 0 || blob >= FirstDoomed;
}
