using System.IO.Pipelines;
using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Connections;

namespace Ambry.Gateway.Operations;

/// <summary>
/// GET on an object. The first block is there before 200 is said; after that a failure can only cut the connection.
/// </summary>
internal sealed class GetObjectHandler(IObjectStore store) : IOperationHandler
{
    // The server copies what it is given: a slow client of a large block shall hold one slice of it twice, not all.
    private const int SliceBytesMax = 256 * 1024;

    public S3OperationKind Kind => S3OperationKind.GetObject;

    public async Task HandleAsync(S3Call call)
    {
        ObjectHeaders.CheckOverrides(call);
        var source = (await store.FindObjectAsync(call.Path, call.Aborted)).Require(call);
        var selection = ObjectSelection.Of(call, source);
        if (selection.Length == 0)
        {
            ObjectHeaders.Apply(call, source, selection);
            return;
        }

        var opened = await store.OpenReadAsync(source, selection.Offset, selection.Length, call.Aborted);
        await using var reader = opened.Require(call);
        var block = await reader.ReadAsync(call.Aborted);
        ObjectHeaders.Apply(call, source, selection);
        await SendAsync(call, reader, block, selection.Length);
    }

    private static async Task SendAsync(S3Call call, ObjectReader reader, ReadOnlyMemory<byte> block, long length)
    {
        var output = call.Http.Response.BodyWriter;
        var rest = length;
        while (rest > 0)
        {
            if (block.IsEmpty || block.Length > rest)
            {
                throw new InvalidDataException(
                    $"The object's bytes do not fit its length: {rest} of {length} are due.");
            }

            await SendAsync(call, output, block);
            rest -= block.Length;
            block = rest > 0 ? await reader.ReadAsync(call.Aborted) : default;
        }
    }

    private static async Task SendAsync(S3Call call, PipeWriter output, ReadOnlyMemory<byte> block)
    {
        while (!block.IsEmpty)
        {
            var slice = block[..Math.Min(block.Length, SliceBytesMax)];

            // Returns only when the client's window has room again.
            var flushed = await output.WriteAsync(slice, call.Aborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new ConnectionAbortedException("The client went away.");
            }

            call.BytesSent += slice.Length;
            block = block[slice.Length..];
        }
    }
}
