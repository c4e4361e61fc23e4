using System.Globalization;
using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>What a folder is to whoever inspects it.</summary>
public enum StorePlaceKind
{
    Store,

    /// <summary>A log that belongs to no store: the mapping's.</summary>
    Log,
}

/// <summary>A store or a lone log below the folder that was asked about.</summary>
/// <param name="Folder">On the disk.</param>
/// <param name="Name">Relative to the folder that was asked about, "." for itself.</param>
public sealed record StorePlace(StorePlaceKind Kind, string Folder, string Name)
{
    // A data folder: disk, "partitions", partition.
    private const int MaxDepth = 4;

    private const string SegmentSuffix = ".log";
    private const int SegmentDigits = 10;

    /// <summary>The folder of the log.</summary>
    public string LogFolder => Kind == StorePlaceKind.Store ? $"{Folder}/{BlobStore.LogFolderName}" : Folder;

    /// <summary>The folder of the index; null for a lone log.</summary>
    public string? IndexFolder => Kind == StorePlaceKind.Store ? $"{Folder}/{BlobStore.IndexFolderName}" : null;

    /// <summary>
    /// A folder itself, when it is a store or a log; else all below it, so that a data folder gives every partition and
    /// the mapping's log. Empty when there is none. The log of a store is found as part of its store.
    /// </summary>
    public static IReadOnlyList<StorePlace> Find(IDisk disk, string folder)
    {
        var found = new List<StorePlace>();
        Collect(disk, folder, ".", MaxDepth, found);
        return found;
    }

    private static void Collect(IDisk disk, string folder, string name, int depth, List<StorePlace> found)
    {
        IReadOnlyList<string> below = disk.ListDirectories(folder);
        if (IsStore(disk, folder, below))
        {
            found.Add(new StorePlace(StorePlaceKind.Store, folder, name));
        }
        else if (IsLog(disk, folder))
        {
            found.Add(new StorePlace(StorePlaceKind.Log, folder, name));
        }
        else if (depth > 0)
        {
            foreach (string child in below)
            {
                Collect(disk, $"{folder}/{child}", name == "." ? child : $"{name}/{child}", depth - 1, found);
            }
        }
    }

    // Also when the descriptor is lost: that is what somebody wants to be told.
    private static bool IsStore(IDisk disk, string folder, IReadOnlyList<string> below) =>
        disk.FileExists($"{folder}/{StoreDescriptor.FileName}")
        || (below.Contains(BlobStore.LogFolderName) && below.Contains(BlobStore.IndexFolderName));

    private static bool IsLog(IDisk disk, string folder) => disk.ListFiles(folder).Any(name =>
        name.Length == SegmentDigits + SegmentSuffix.Length
        && name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
        && uint.TryParse(
            name.AsSpan(0, SegmentDigits), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
