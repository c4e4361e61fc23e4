using Ambry.Metadata.Commands;
using Ambry.Protocol;

namespace Ambry.Metadata.State;

/// <summary>
/// The state machine of a shard: decides and applies the commands of log entries, in log order, from their bytes and
/// the state alone. Replay and live traffic come through the same door. One caller at a time.
/// </summary>
/// <param name="buckets">Told of changed bucket records before the outcome is answered.</param>
internal sealed class ShardMachine(IShardState state, BucketCatalog buckets)
{
    private const int VersionBits = 16;

    /// <summary>Applies one entry as a whole; the outcomes are in the order of its commands.</summary>
    /// <exception cref="Ambry.Log.CorruptRecordException">The entry does not decode.</exception>
    public async ValueTask<CommandOutcome[]> ApplyAsync(long index, ReadOnlyMemory<byte> batch, CancellationToken token)
    {
        Invariant.Check(index > state.AppliedIndex);
        var commands = BatchCodec.Decode(batch.Span);
        var outcomes = new CommandOutcome[commands.Count];
        var context = new ApplyContext(new WriteSet(state));
        for (int i = 0; i < outcomes.Length; i++)
        {
            context.Version = ((ulong)index << VersionBits) | (uint)i;
            outcomes[i] = await ApplyAsync(context, commands[i], token);
        }

        state.Apply(index, context.Writes.Changes);
        buckets.Apply(context.BucketChanges);
        return outcomes;
    }

    private static ValueTask<CommandOutcome> ApplyAsync(
        ApplyContext context, Command command, CancellationToken token) =>
        command switch
        {
            CreateBucketCommand or ChangeBucketCommand or CloseBucketCommand =>
                BucketCommands.ApplyAsync(context, command, token),
            CommitObjectCommand or DeleteObjectCommand => ObjectCommands.ApplyAsync(context, command, token),
            CreateUploadCommand or PutPartCommand or AbortUploadCommand or CompleteUploadCommand =>
                UploadCommands.ApplyAsync(context, command, token),
            _ => HolderCommands.ApplyAsync(context, command, token),
        };
}
