#pragma warning disable RS0030 // Files that an operator wrote, often readable alone: the disk seam opens for writing.
namespace Ambry.Host.Configuration;

/// <summary>Reads what an operator hands to a process: its configuration, and the first cluster map.</summary>
internal static class ConfigurationFile
{
    /// <exception cref="StartupException">The file is missing, unreadable or too long.</exception>
    public static async Task<byte[]> ReadAsync(string path, long bytesMax, CancellationToken token)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true } file && file.Length > bytesMax)
            {
                throw new StartupException($"{path} has {file.Length} bytes, more than {bytesMax}.");
            }

            return await File.ReadAllBytesAsync(path, token);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {fault.Message}", fault);
        }
    }
}
