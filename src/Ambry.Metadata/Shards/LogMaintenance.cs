namespace Ambry.Metadata.Shards;

/// <summary>
/// Gives back the part of the node log that every shard has folded. A shard that nobody writes to would hold on to the
/// log for ever, so it is nudged along. Run by one loop.
/// </summary>
internal sealed class LogMaintenance(NodeLog log, IReadOnlyList<Shard> shards)
{
    /// <summary>Entries a quiet shard may trail behind: nudging costs one entry a shard in as many.</summary>
    private const int MaxTrail = 1024;

    public async ValueTask RunOnceAsync(CancellationToken token)
    {
        foreach (var shard in shards)
        {
            token.ThrowIfCancellationRequested();
            if (shard.IsOpen && log.DurableIndex - shard.State.AppliedIndex > MaxTrail)
            {
                await shard.NudgeAsync();
            }

            await shard.TruncateLogAsync(token);
        }
    }
}
