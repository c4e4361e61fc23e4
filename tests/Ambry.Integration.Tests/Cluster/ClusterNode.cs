using System.Text.Json;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>One process of a cluster, as nodes.json has it.</summary>
internal sealed record ClusterNode(string Name, string Role, int Pid, int Port, string Dir, string Admin)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<ClusterNode>> ReadAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        return (await JsonSerializer.DeserializeAsync<List<ClusterNode>>(stream, Web))!;
    }
}
