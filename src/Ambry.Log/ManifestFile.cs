namespace Ambry.Log;

/// <summary>The manifest's place on the disk. One writer at a time.</summary>
internal sealed class ManifestFile(IDisk disk, string folder)
{
    private readonly string _path = $"{folder}/{LogManifest.FileName}";
    private readonly string _staged = $"{folder}/{LogManifest.FileName}{DiskExtensions.TemporarySuffix}";

    /// <summary>Null when the log has none, as it was never rewritten.</summary>
    /// <exception cref="CorruptRecordException">It is damaged.</exception>
    public async ValueTask<LogManifest?> ReadAsync(CancellationToken token)
    {
        byte[]? bytes;
        try
        {
            bytes = await disk.TryReadAllAsync(_path, LogManifest.MaxBytes, token);
        }
        catch (InvalidDataException large)
        {
            throw new CorruptRecordException(large.Message);
        }

        return bytes is null ? null
            : LogManifest.TryDecode(bytes, out LogManifest manifest) ? manifest
            : throw new CorruptRecordException($"{_path} is not the manifest of a log, or damaged.");
    }

    /// <summary>First step of replacing it: until <see cref="PublishAsync"/> the old one is in force.</summary>
    public async ValueTask StageAsync(LogManifest manifest, CancellationToken token)
    {
        using IDiskFile file = disk.Open(_staged, create: true);
        file.Truncate(0);
        await file.WriteAsync(0, [manifest.Encode()], token);
        await file.SyncAsync(token);
    }

    /// <summary>
    /// Second step. After an exception it is unknown which of the two a start would find.
    /// </summary>
    public async ValueTask PublishAsync()
    {
        disk.Rename(_staged, _path);
        await disk.SyncDirectoryAsync(folder, CancellationToken.None);
    }
}
