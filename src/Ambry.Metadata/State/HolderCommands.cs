using System.Diagnostics;
using Ambry.Metadata.Commands;

namespace Ambry.Metadata.State;

/// <summary>Decides the holder and reclaim commands. They hold for names of deleted buckets too, for copies outlive
/// them. Stateless.</summary>
internal static class HolderCommands
{
    private static readonly byte[] Present = [1];

    public static async ValueTask<CommandOutcome> ApplyAsync(
        ApplyContext context, Command command, CancellationToken token)
    {
        switch (command)
        {
            case AddHolderCommand add:
                return await AddAsync(context, add, token);
            case ReleaseHolderCommand release:
                await context.RemoveHolderAsync(release.Blob, release.Holder, token);
                return CommandOutcome.Done;
            case AcknowledgeReclaimCommand acknowledge:
                foreach (ulong sequence in acknowledge.Sequences)
                {
                    context.Writes.Remove(StateKeys.Reclaim(sequence));
                }

                return CommandOutcome.Done;
            default:
                throw new UnreachableException();
        }
    }

    private static async ValueTask<CommandOutcome> AddAsync(
        ApplyContext context, AddHolderCommand command, CancellationToken token)
    {
        byte[] added = StateKeys.Holder(command.Blob, command.NewHolder);
        if (await context.Writes.GetAsync(added, token) is not null)
        {
            return CommandOutcome.Done;
        }

        if (await context.Writes.GetAsync(StateKeys.Holder(command.Blob, command.Source), token) is null)
        {
            if (!await IsSoleHolderAsync(context, command, token))
            {
                return new CommandOutcome(MetadataError.NoSuchKey);
            }

            context.Writes.Set(StateKeys.Holder(command.Blob, command.Source), Present);
        }

        context.Writes.Set(added, Present);
        return CommandOutcome.Done;
    }

    /// <summary>Whether the source is the blob's first name, still current, and the blob has no set yet.</summary>
    private static async ValueTask<bool> IsSoleHolderAsync(
        ApplyContext context, AddHolderCommand command, CancellationToken token)
    {
        if (await context.IsAnyAsync(StateKeys.HolderPrefix(command.Blob), token))
        {
            return false;
        }

        var home = await context.FindEntryAsync(command.HomeBucket, command.HomeKey, token);
        return home is not null
            && home.HolderId == command.Source
            && home.Handle.Id == command.Blob
            && home.Handle.Home is null;
    }
}
