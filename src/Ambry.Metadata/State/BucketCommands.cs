using System.Diagnostics;
using Ambry.Metadata.Codec;
using Ambry.Metadata.Commands;

namespace Ambry.Metadata.State;

/// <summary>Decides the bucket commands. Stateless.</summary>
internal static class BucketCommands
{
    public static ValueTask<CommandOutcome> ApplyAsync(
        ApplyContext context, Command command, CancellationToken token) =>
        command switch
        {
            CreateBucketCommand create => CreateAsync(context, create, token),
            ChangeBucketCommand change => ChangeAsync(context, change, token),
            CloseBucketCommand close => CloseAsync(context, close, token),
            _ => throw new UnreachableException(),
        };

    private static async ValueTask<CommandOutcome> CreateAsync(
        ApplyContext context, CreateBucketCommand command, CancellationToken token)
    {
        if (await context.Writes.GetAsync(StateKeys.Bucket(command.Name), token) is { } bytes)
        {
            var present = StoredValues.Bucket(bytes);
            return present.IsDeleting
                ? new CommandOutcome(MetadataError.Busy)
                : new CommandOutcome(MetadataError.BucketExists, Bucket: present.Record);
        }

        ulong number = await context.NextAsync(StateKeys.NextBucket, token);
        var record = new BucketRecord(
            new BucketId(checked((uint)number)),
            command.Name,
            command.Now,
            command.Owner,
            command.Region,
            command.Width);
        context.SetBucket(new StoredBucket(record, IsDeleting: false));
        return new CommandOutcome(MetadataError.None, Bucket: record);
    }

    private static async ValueTask<CommandOutcome> ChangeAsync(
        ApplyContext context, ChangeBucketCommand command, CancellationToken token)
    {
        if (await context.Writes.GetAsync(StateKeys.Bucket(command.Name), token) is not { } bytes)
        {
            return new CommandOutcome(MetadataError.NoSuchBucket);
        }

        var present = StoredValues.Bucket(bytes);
        if (present.Record.Id != command.Bucket)
        {
            return new CommandOutcome(MetadataError.NoSuchBucket);
        }

        switch (command.Kind)
        {
            case CommandKind.RemoveBucket when !present.IsDeleting:
                return new CommandOutcome(MetadataError.BucketNotEmpty);
            case CommandKind.RemoveBucket:
                context.RemoveBucket(command.Name);
                break;
            default:
                context.SetBucket(present with { IsDeleting = command.Kind == CommandKind.MarkBucketDeleting });
                break;
        }

        return CommandOutcome.Done;
    }

    private static async ValueTask<CommandOutcome> CloseAsync(
        ApplyContext context, CloseBucketCommand command, CancellationToken token)
    {
        byte[] mark = StateKeys.Closed(command.Bucket);
        if (command.Kind == CommandKind.ReopenBucket)
        {
            context.Writes.Remove(mark);
            return CommandOutcome.Done;
        }

        if (await context.IsAnyAsync(StateKeys.BucketPrefix(StateKeys.ObjectTable, command.Bucket), token)
            || await context.IsAnyAsync(StateKeys.BucketPrefix(StateKeys.UploadTable, command.Bucket), token))
        {
            return new CommandOutcome(MetadataError.BucketNotEmpty);
        }

        context.Writes.Set(mark, new byte[] { 1 });
        return CommandOutcome.Done;
    }
}
