using System.Buffers;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>Makes responses out of frames and what follows them. One reader at a time.</summary>
internal sealed class AnswerReader(FrameInput input, MemoryPool<byte> pool)
{
    /// <summary>
    /// Reads the answer whole, though nobody may want it.
    /// </summary>
    /// <exception cref="ProtocolException">It is no answer to the call.</exception>
    public ValueTask<PeerAnswer> ReadAsync(Frame frame, PendingCall? call, CancellationToken token)
    {
        var type = (MessageType)frame.Header.Type;
        if (call is not null && !type.MayAnswer(call.Type))
        {
            throw new ProtocolException($"{frame.Header.Type} answers no {call.Type.NameOf()}.");
        }

        return type switch
        {
            MessageType.Outcome => new(ReadOutcome(frame, call)),
            MessageType.GetAnswer => ReadGetAsync(Parse(frame, BlobCodec.TryReadGetAnswer), call, token),
            MessageType.FetchBlobsAnswer =>
                ReadFetchAsync(Parse(frame, ReplicationCodec.TryReadFetchAnswer), call, token),
            MessageType.ReplicaMetadataAnswer =>
                new(new PeerAnswer(PeerError.None, Parse(frame, ReplicationCodec.TryReadMetadataAnswer))),
            MessageType.ClusterMapAnswer =>
                new(new PeerAnswer(PeerError.None, Parse(frame, ReplicationCodec.TryReadMapAnswer))),
            _ => throw new ProtocolException($"{frame.Header.Type} is no answer."),
        };
    }

    private delegate T? BodyParser<T>(ReadOnlySpan<byte> body)
        where T : class;

    private static T Parse<T>(Frame frame, BodyParser<T> parser)
        where T : class =>
        parser(frame.Body.FirstSpan) ?? throw new ProtocolException($"The body of a {frame.Header.Type} is not one.");

    private static PeerAnswer ReadOutcome(Frame frame, PendingCall? call)
    {
        PeerError error = BlobCodec.TryReadOutcome(frame.Body.FirstSpan)
            ?? throw new ProtocolException("The body of an outcome is not one.");
        if (error == PeerError.None && call is not null
            && call.Type is MessageType.Get or MessageType.ReplicaMetadata
                or MessageType.FetchBlobs or MessageType.ClusterMap)
        {
            throw new ProtocolException($"A bare success answers no {call.Type.NameOf()}.");
        }

        return new PeerAnswer(error);
    }

    private async ValueTask<PeerAnswer> ReadGetAsync(GetAnswerHead head, PendingCall? call, CancellationToken token)
    {
        using var owner = new Lease(await ReadContentAsync(head.ContentLength, call, token).ConfigureAwait(false));
        if (owner.Memory is not { } content)
        {
            return default;
        }

        if (!BlockChecksums.Verify(content.Span, head.Checksums))
        {
            return new PeerAnswer(PeerError.Corrupt);
        }

        return new PeerAnswer(
            PeerError.None,
            new GetBlobResponse(
                head.Properties,
                head.UserMetadata,
                owner.Take(),
                content.Slice(head.RangeOffset, head.RangeLength)));
    }

    private async ValueTask<PeerAnswer> ReadFetchAsync(
        FetchAnswerHead head, PendingCall? call, CancellationToken token)
    {
        using var owner = new Lease(await ReadContentAsync(head.ContentLength, call, token).ConfigureAwait(false));
        if (owner.Memory is not { } content)
        {
            return default;
        }

        var blobs = new FetchedBlob[head.Blobs.Length];
        int at = 0;
        for (int i = 0; i < blobs.Length; i++)
        {
            FetchedHead blob = head.Blobs[i];
            ReadOnlyMemory<byte> bytes = content.Slice(at, blob.UserMetadataLength + blob.ContentLength);
            blobs[i] = ToBlob(blob, bytes);
            at += bytes.Length;
        }

        return new PeerAnswer(PeerError.None, new FetchBlobsResponse(PeerError.None, blobs, owner.Take()));
    }

    private static FetchedBlob ToBlob(FetchedHead head, ReadOnlyMemory<byte> bytes)
    {
        if (head.Error != PeerError.None)
        {
            return new FetchedBlob(head.Id, head.Error, null, default, default);
        }

        return Crc32C.Compute(bytes.Span) == head.Checksum
            ? new FetchedBlob(
                head.Id,
                PeerError.None,
                head.Properties,
                bytes[..head.UserMetadataLength],
                bytes[head.UserMetadataLength..])
            : new FetchedBlob(head.Id, PeerError.Corrupt, null, default, default);
    }

    /// <summary>No memory when nobody waits for the call: then the bytes are passed over.</summary>
    private async ValueTask<(IMemoryOwner<byte>? Owner, Memory<byte>? Memory)> ReadContentAsync(
        int length, PendingCall? call, CancellationToken token)
    {
        if (call is null || call.HasAnswer)
        {
            return await input.SkipAsync(length, token).ConfigureAwait(false) ? default : throw Ended();
        }

        if (length == 0)
        {
            return (null, Memory<byte>.Empty);
        }

        IMemoryOwner<byte> owner = pool.Rent(length);
        try
        {
            Memory<byte> memory = owner.Memory[..length];
            return await input.ReadContentAsync(memory, token).ConfigureAwait(false)
                ? (owner, memory)
                : throw Ended();
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private static EndOfStreamException Ended() => new("The connection ended within an answer.");

    /// <summary>Memory until somebody takes it over.</summary>
    private sealed class Lease((IMemoryOwner<byte>? Owner, Memory<byte>? Memory) read) : IDisposable
    {
        private IMemoryOwner<byte>? _owner = read.Owner;

        public ReadOnlyMemory<byte>? Memory => read.Memory;

        public IMemoryOwner<byte>? Take()
        {
            IMemoryOwner<byte>? owner = _owner;
            _owner = null;
            return owner;
        }

        public void Dispose() => _owner?.Dispose();
    }
}
