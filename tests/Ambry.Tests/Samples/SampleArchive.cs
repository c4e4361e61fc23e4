using System.IO.Compression;
using System.Runtime.CompilerServices;
using Ambry.Log;
using Ambry.Testing;

namespace Ambry.Tests.Samples;

/// <summary>
/// The sample files: folders as they lay on a disk, each in a zip, by the version of the formats they were written in.
/// They are opened as copies, and never change.
/// </summary>
internal static class SampleArchive
{
    /// <summary>Loads a sample, "v1/store-closed.zip", to a disk in memory on which everything is durable.</summary>
    public static async Task<SimDisk> LoadAsync(string name)
    {
        var disk = new SimDisk();
        using ZipArchive archive = ZipFile.OpenRead(PathOf(name));
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            int slash = entry.FullName.LastIndexOf('/');
            disk.CreateDirectory(slash < 0 ? "" : entry.FullName[..slash]);
            using var bytes = new MemoryStream();
            await using (Stream stored = entry.Open())
            {
                await stored.CopyToAsync(bytes);
            }

            using IDiskFile file = disk.Open(entry.FullName, create: true);
            await file.WriteAsync(0, [bytes.ToArray()], CancellationToken.None);
        }

        return disk.Copy();
    }

    /// <summary>Unpacks a sample into a folder of the real file system.</summary>
    public static void Extract(string name, string folder) => ZipFile.ExtractToDirectory(PathOf(name), folder);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>Everything on a disk, as a zip.</summary>
    public static byte[] Pack(SimDisk disk)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Pack(disk, "", archive);
        }

        return bytes.ToArray();
    }

    /// <summary>Adds a sample to the source tree. One that is there is never written over.</summary>
    public static void Write(string name, byte[] bytes, [CallerFilePath] string source = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(source)!, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.CreateNew);
        file.Write(bytes);
    }

    private static void Pack(SimDisk disk, string folder, ZipArchive archive)
    {
        string prefix = folder.Length == 0 ? "" : folder + "/";
        foreach (string name in disk.ListFiles(folder))
        {
            ZipArchiveEntry entry = archive.CreateEntry(prefix + name, CompressionLevel.SmallestSize);
            // No clock: the same content makes the same file.
            entry.LastWriteTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream stored = entry.Open();
            stored.Write(disk.Contents(prefix + name));
        }

        foreach (string name in disk.ListDirectories(folder))
        {
            Pack(disk, prefix + name, archive);
        }
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Samples", name);
}
