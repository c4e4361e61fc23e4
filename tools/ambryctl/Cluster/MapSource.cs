using Ambry.ClusterMap;

namespace Ambry.Control.Cluster;

/// <summary>Where a map is read and where a changed one goes: a file, or a running cluster.</summary>
internal interface IMapSource : IDisposable
{
    /// <summary>Null for a file.</summary>
    ClusterNodes? Nodes { get; }

    /// <exception cref="IOException">It could not be had.</exception>
    Task<ClusterLayout> ReadAsync(CancellationToken token);

    /// <summary>True when the new one holds from now on.</summary>
    Task<bool> WriteAsync(ClusterLayout from, ClusterLayout to, CancellationToken token);
}

internal sealed class FileMapSource(string path, ControlStreams io) : IMapSource
{
    public ClusterNodes? Nodes => null;

    public Task<ClusterLayout> ReadAsync(CancellationToken token) => MapFile.ReadAsync(path, token);

    public async Task<bool> WriteAsync(ClusterLayout from, ClusterLayout to, CancellationToken token)
    {
        await MapFile.WriteAsync(path, to, token);
        await io.Output.WriteLineAsync($"{path}: {EditText.Summary(to)}");
        return true;
    }

    public void Dispose()
    {
    }
}
