using System.Diagnostics;
using Ambry.Metadata.Codec;
using Ambry.Metadata.Commands;
using Ambry.Protocol;

namespace Ambry.Metadata.State;

/// <summary>Decides the upload commands. Stateless.</summary>
internal static class UploadCommands
{
    public static async ValueTask<CommandOutcome> ApplyAsync(
        ApplyContext context, Command command, CancellationToken token)
    {
        switch (command)
        {
            case CreateUploadCommand create:
                return await CreateAsync(context, create, token);
            case PutPartCommand put:
                return await PutPartAsync(context, put, token);
            case AbortUploadCommand abort:
                return await AbortAsync(context, abort, token);
            case CompleteUploadCommand complete:
                return await CompleteAsync(context, complete, token);
            default:
                throw new UnreachableException();
        }
    }

    private static async ValueTask<CommandOutcome> CreateAsync(
        ApplyContext context, CreateUploadCommand command, CancellationToken token)
    {
        if (await context.IsClosedAsync(command.Bucket, token))
        {
            return new CommandOutcome(MetadataError.NoSuchBucket);
        }

        byte[] key = StateKeys.Upload(command.Bucket, command.Upload.Key, command.Upload.Id);
        context.Writes.Set(key, UploadCodec.Encode(command.Upload));
        return CommandOutcome.Done;
    }

    private static async ValueTask<CommandOutcome> PutPartAsync(
        ApplyContext context, PutPartCommand command, CancellationToken token)
    {
        var error = await FindUploadAsync(context, command.Bucket, command.Key, command.Upload, token);
        if (error != MetadataError.None)
        {
            return new CommandOutcome(error);
        }

        byte[] key = StateKeys.Part(command.Bucket, command.Key, command.Upload, command.Part.Number);
        if (await context.Writes.GetAsync(key, token) is { } bytes)
        {
            var displaced = StoredValues.Part(bytes);
            if (displaced.Blob != command.Part.Blob)
            {
                await context.QueueDeletionAsync(displaced.Blob, token);
            }
        }

        context.Writes.Set(key, UploadCodec.EncodePart(command.Part));
        return CommandOutcome.Done;
    }

    private static async ValueTask<CommandOutcome> AbortAsync(
        ApplyContext context, AbortUploadCommand command, CancellationToken token)
    {
        var error = await FindUploadAsync(context, command.Bucket, command.Key, command.Upload, token);
        if (error != MetadataError.None)
        {
            return new CommandOutcome(error);
        }

        var parts = await ReadPartsAsync(context, command.Bucket, command.Key, command.Upload, token);
        await EndAsync(context, command.Bucket, command.Key, command.Upload, parts, kept: [], token);
        return CommandOutcome.Done;
    }

    private static async ValueTask<CommandOutcome> CompleteAsync(
        ApplyContext context, CompleteUploadCommand command, CancellationToken token)
    {
        var error = await FindUploadAsync(context, command.Bucket, command.Key, command.Upload, token);
        if (error == MetadataError.NoSuchBucket)
        {
            return new CommandOutcome(error);
        }

        var current = await context.FindEntryAsync(command.Bucket, command.Key, token);
        if (error == MetadataError.NoSuchUpload)
        {
            return current?.UploadId == command.Upload
                ? new CommandOutcome(MetadataError.None, current)
                : new CommandOutcome(error);
        }

        var parts = await ReadPartsAsync(context, command.Bucket, command.Key, command.Upload, token);
        var blobs = parts.ToDictionary(p => p.Number, p => p.Blob);
        bool areCurrent = command.UsedParts.All(
            used => blobs.TryGetValue(used.Number, out var blob) && blob == used.Blob);
        error = areCurrent ? ObjectCommands.Check(command.Condition, current) : MetadataError.InvalidPart;
        if (error != MetadataError.None)
        {
            return new CommandOutcome(error);
        }

        var entry = command.Entry with { UploadId = command.Upload };
        var installed = await context.InstallAsync(command.Bucket, command.Key, entry, current, token);
        var kept = command.UsedParts.Select(p => p.Blob).ToHashSet();
        await EndAsync(context, command.Bucket, command.Key, command.Upload, parts, kept, token);
        return new CommandOutcome(MetadataError.None, installed);
    }

    private static async ValueTask<MetadataError> FindUploadAsync(
        ApplyContext context, BucketId bucket, ObjectKey key, Guid upload, CancellationToken token)
    {
        if (await context.IsClosedAsync(bucket, token))
        {
            return MetadataError.NoSuchBucket;
        }

        return await context.Writes.GetAsync(StateKeys.Upload(bucket, key, upload), token) is null
            ? MetadataError.NoSuchUpload
            : MetadataError.None;
    }

    /// <summary>There are 10,000 at most, for numbers end there.</summary>
    private static async ValueTask<List<PartRecord>> ReadPartsAsync(
        ApplyContext context, BucketId bucket, ObjectKey key, Guid upload, CancellationToken token)
    {
        var items = await context.Writes.ScanAsync(
            StateKeys.Part(bucket, key, upload, 0),
            StateKeys.Part(bucket, key, upload, RecordLimits.Parts + 1),
            RecordLimits.Parts,
            token);
        return [.. items.Select(item => StoredValues.Part(item.Value))];
    }

    private static async ValueTask EndAsync(
        ApplyContext context,
        BucketId bucket,
        ObjectKey key,
        Guid upload,
        List<PartRecord> parts,
        HashSet<BlobId> kept,
        CancellationToken token)
    {
        foreach (var part in parts)
        {
            context.Writes.Remove(StateKeys.Part(bucket, key, upload, part.Number));
            if (!kept.Contains(part.Blob))
            {
                await context.QueueDeletionAsync(part.Blob, token);
            }
        }

        context.Writes.Remove(StateKeys.Upload(bucket, key, upload));
    }
}
