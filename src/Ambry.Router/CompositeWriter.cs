using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Writes the metadata blob over parts that are already durable.</summary>
internal static class CompositeWriter
{
    public static async ValueTask<PutBlobResult> WriteAsync(
        RouterServices services,
        ChunkWriter writer,
        PutBlobOptions options,
        IReadOnlyList<BlobPart> parts,
        CancellationToken token)
    {
        long totalBytes = 0;
        foreach (BlobPart part in parts)
        {
            bool fits = CompositeFormat.IsPart(part.Id.Kind, part.SizeBytes, allowComposites: true)
                && part.SizeBytes <= long.MaxValue - totalBytes;
            if (!fits)
            {
                return new PutBlobResult(RouterError.BadRequest, default, 0);
            }

            totalBytes += part.SizeBytes;
        }

        if (parts.Count == 0 || parts.Count > CompositeFormat.MaxParts(services.Options.ChunkSizeBytes))
        {
            return new PutBlobResult(RouterError.BadRequest, default, 0);
        }

        int length = CompositeFormat.EncodedLength(parts.Count);
        ChunkBuffer? buffer = await ChunkBuffer.RentAsync(services.Budget, services.Pool, length, token);
        if (buffer is null)
        {
            return new PutBlobResult(RouterError.Busy, default, 0);
        }

        CompositeFormat.Write(parts, buffer.Memory.Span);
        buffer.Length = length;
        ChunkResult result = await writer.WriteAsync(options, BlobKind.Composite, options.UserMetadata, buffer);
        return new PutBlobResult(result.Error, result.Id, result.Error == RouterError.None ? totalBytes : 0);
    }
}
