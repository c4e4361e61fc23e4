using System.Diagnostics;
using Ambry.Metadata.Commands;

namespace Ambry.Metadata.State;

/// <summary>Decides the object commands. Stateless.</summary>
internal static class ObjectCommands
{
    public static ValueTask<CommandOutcome> ApplyAsync(
        ApplyContext context, Command command, CancellationToken token) =>
        command switch
        {
            CommitObjectCommand commit => CommitAsync(context, commit, token),
            DeleteObjectCommand delete => DeleteAsync(context, delete, token),
            _ => throw new UnreachableException(),
        };

    /// <summary>None when the condition holds of the current version.</summary>
    public static MetadataError Check(WriteCondition condition, ObjectEntry? current)
    {
        if (condition.IfMatch is { } wanted)
        {
            if (current is null)
            {
                return MetadataError.NoSuchKey;
            }

            if (wanted != "*" && wanted != current.ETag)
            {
                return MetadataError.PreconditionFailed;
            }
        }

        bool isUnwanted = condition.IfNoneMatch is { } unwanted
            && current is not null
            && (unwanted == "*" || unwanted == current.ETag);
        return isUnwanted ? MetadataError.PreconditionFailed : MetadataError.None;
    }

    private static async ValueTask<CommandOutcome> CommitAsync(
        ApplyContext context, CommitObjectCommand command, CancellationToken token)
    {
        if (await context.IsClosedAsync(command.Bucket, token))
        {
            return new CommandOutcome(MetadataError.NoSuchBucket);
        }

        var current = await context.FindEntryAsync(command.Bucket, command.Key, token);
        if (current is not null && current.HolderId == command.Entry.HolderId)
        {
            // The same commit once more: displacing the version by itself would delete the blob it stands for.
            return new CommandOutcome(MetadataError.None, current);
        }

        var error = Check(command.Condition, current);
        if (error != MetadataError.None)
        {
            return new CommandOutcome(error);
        }

        var installed = await context.InstallAsync(command.Bucket, command.Key, command.Entry, current, token);
        return new CommandOutcome(MetadataError.None, installed);
    }

    private static async ValueTask<CommandOutcome> DeleteAsync(
        ApplyContext context, DeleteObjectCommand command, CancellationToken token)
    {
        if (await context.IsClosedAsync(command.Bucket, token))
        {
            return new CommandOutcome(MetadataError.NoSuchBucket);
        }

        var current = await context.FindEntryAsync(command.Bucket, command.Key, token);
        var error = current is null ? MetadataError.NoSuchKey : Check(command.Condition, current);
        if (error != MetadataError.None)
        {
            return new CommandOutcome(error);
        }

        context.Writes.Remove(StateKeys.Object(command.Bucket, command.Key));
        await context.LetGoAsync(current!, token);
        return new CommandOutcome(MetadataError.None, current);
    }
}
