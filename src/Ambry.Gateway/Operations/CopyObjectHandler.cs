using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// PUT with a copy source: a second name for the same bytes. Only a checksum of another algorithm than the source's
/// makes them be read.
/// </summary>
internal sealed class CopyObjectHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    private const string DirectiveHeader = "x-amz-metadata-directive";

    // Each turn reads the whole source; one that changes faster than that is somebody else's race.
    private const int AttemptsMax = 3;

    public S3OperationKind Kind => S3OperationKind.CopyObject;

    public async Task HandleAsync(S3Call call)
    {
        var conditions = WriteConditions.Parse(call.Request.Headers);
        var sourcePath = CopySources.Read(call);
        var replacement = IsReplacing(call) ? ObjectMetadata.Read(call, options.UserMetadataBytesMax) : null;
        ChecksumAlgorithm? algorithm =
            call.Header(Checksums.AlgorithmHeader) is { } name ? Checksums.Parse(name.Trim()) : null;
        await LookAhead.CheckAsync(store, call, conditions);
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var source = await CopySources.FindAsync(store, call, sourcePath);
            Check(call, source, replacement);
            var computed = await ComputeAsync(call, source, algorithm);
            Outcome<StoredObject> copied;
            try
            {
                copied = await store.CopyObjectAsync(
                    sourcePath,
                    call.Path,
                    current => Decide(call, current, replacement, conditions, Choose(current, source, computed)),
                    call.Aborted);
            }
            catch (SourceChangedException)
            {
                // The checksum is of other bytes than those that would be named: read again.
                continue;
            }

            await AnswerAsync(call, copied.Require(call));
            return;
        }

        throw new S3Exception(S3Errors.OperationAborted);
    }

    private static bool IsReplacing(S3Call call) => call.Header(DirectiveHeader) switch
    {
        null or "COPY" => false,
        "REPLACE" => true,
        var other => throw new S3Exception(S3Errors.InvalidArgument, "Unknown metadata directive.")
        {
            Extras = [new("ArgumentName", DirectiveHeader), new("ArgumentValue", other)],
        },
    };

    private static void Check(S3Call call, StoredObject source, ObjectMetadata? replacement)
    {
        CopySources.CheckConditions(call, source);
        if (source.SizeBytes > CopySources.BytesMax)
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                "The specified copy source is larger than the maximum allowable size for a copy source: "
                + CopySources.BytesMax);
        }

        if (replacement is null && CopySources.IsSame(source.Path, call.Path))
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                + "object's metadata, storage class, website redirect location or encryption attributes.");
        }
    }

    private static CopyObjectRequest Decide(
        S3Call call,
        StoredObject current,
        ObjectMetadata? replacement,
        WriteConditions conditions,
        StoredChecksum? checksum)
    {
        Check(call, current, replacement);
        return new CopyObjectRequest(
            call.Owner,
            replacement?.Headers ?? current.Headers,
            replacement?.UserMetadata ?? current.UserMetadata,
            checksum,
            conditions.ToCondition());
    }

    private static StoredChecksum? Choose(StoredObject current, StoredObject source, StoredChecksum? computed)
    {
        if (computed is null)
        {
            return current.Checksum;
        }

        return current.ETag == source.ETag && current.SizeBytes == source.SizeBytes
            ? computed
            : throw new SourceChangedException();
    }

    private static Task AnswerAsync(S3Call call, StoredObject copy) => ResponseDocuments.WriteAsync(
        call,
        StatusCodes.Status200OK,
        new CopyResultDocument(
            copy.ETag,
            copy.LastModified,
            copy.Checksum is { } checksum ? [Checksums.ToXml(checksum)] : [],
            Checksums.TypeName(copy.Checksum),
            IsPart: false));

    private async Task<StoredChecksum?> ComputeAsync(S3Call call, StoredObject source, ChecksumAlgorithm? algorithm)
    {
        if (algorithm is not { } wanted || source.Checksum?.Algorithm == ChecksumAlgorithms.Name(wanted))
        {
            return null;
        }

        using var hasher = new ChecksumHasher(wanted);
        if (source.SizeBytes > 0)
        {
            var opened = await store.OpenReadAsync(source, 0, source.SizeBytes, call.Aborted);
            await using var reader = opened.Require(call);
            ReadOnlyMemory<byte> block;
            while (!(block = await reader.ReadAsync(call.Aborted)).IsEmpty)
            {
                hasher.Append(block.Span);
            }
        }

        return Checksums.ToStored(hasher.GetCurrentValue());
    }

    /// <summary>Leaves the store's decision when the source is not the one that was read.</summary>
    private sealed class SourceChangedException() : Exception("The source of a copy changed while it was read.");
}
