namespace Ambry.Log;

/// <summary>Small whole files: manifests, tokens, credentials. One writer a path at a time.</summary>
public static class DiskExtensions
{
    internal const string TemporarySuffix = ".tmp";

    /// <summary>The whole of a small file, or null when it is missing.</summary>
    /// <exception cref="InvalidDataException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static async ValueTask<byte[]?> TryReadAllAsync(
        this IDisk disk, string path, int maxBytes, CancellationToken token)
    {
        if (!disk.FileExists(path))
        {
            return null;
        }

        using IDiskFile file = disk.Open(path, create: false);
        if (file.LengthBytes > maxBytes)
        {
            throw new InvalidDataException(
                $"{path} on {disk.Name} has {file.LengthBytes} bytes, at most {maxBytes} allowed.");
        }

        var bytes = new byte[file.LengthBytes];
        int count = 0;
        while (count < bytes.Length)
        {
            int read = await file.ReadAsync(count, bytes.AsMemory(count), token);
            if (read == 0)
            {
                throw new EndOfStreamException($"{path} on {disk.Name} became shorter while it was read.");
            }

            count += read;
        }

        return bytes;
    }

    /// <summary>
    /// Replaces a small file so that a crash leaves the old or the new content, whole; durable when this returns.
    /// Writes beside it under a temporary name, syncs, renames over, syncs the folder.
    /// </summary>
    public static async ValueTask WriteAtomicAsync(
        this IDisk disk, string path, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        string temporary = path + TemporarySuffix;
        using (IDiskFile file = disk.Open(temporary, create: true))
        {
            file.Truncate(0);
            await file.WriteAsync(0, [bytes], token);
            await file.SyncAsync(token);
        }

        disk.Rename(temporary, path);
        int slash = path.LastIndexOf('/');
        await disk.SyncDirectoryAsync(slash < 0 ? "" : path[..slash], token);
    }
}
