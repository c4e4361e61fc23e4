using Ambry.Log;
using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>What a path on the command line leads to: a disk and a path on it.</summary>
internal sealed record InspectionTarget(IDisk Disk, string Path)
{
    /// <summary>The folder above is the disk, so that the target itself has a name on it.</summary>
    public static InspectionTarget Of(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (!File.Exists(full) && !Directory.Exists(full))
        {
            throw new UsageException($"'{path}' is not there.");
        }

        string? parent = System.IO.Path.GetDirectoryName(full);
        return parent is null
            ? throw new UsageException($"'{path}' is the root of the file system; give a folder in it.")
            : new InspectionTarget(new ReadOnlyDisk(parent), System.IO.Path.GetFileName(full));
    }

    /// <summary>The stores and logs in a folder; at least one.</summary>
    public static (InspectionTarget Target, IReadOnlyList<StorePlace> Places) PlacesIn(string folder)
    {
        InspectionTarget target = Of(folder);
        IReadOnlyList<StorePlace> places = StorePlace.Find(target.Disk, target.Path);
        return places.Count > 0
            ? (target, places)
            : throw new UsageException(
                $"'{folder}' holds no store and no log. Give the folder of a store or of a log, or the data folder of "
                + "'ambry dev'.");
    }
}
