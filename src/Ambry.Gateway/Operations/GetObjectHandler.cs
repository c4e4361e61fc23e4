using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;

namespace Ambry.Gateway.Operations;

/// <summary>
/// GET on an object. The first block is there before 200 is said; after that a failure can only cut the connection.
/// </summary>
internal sealed class GetObjectHandler(IObjectStore store) : IOperationHandler
{
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
                throw new InvalidDataException($"The object's bytes do not fit its length: {rest} of {length} are due.");
            }

            // Returns only when the client's window has room again, so that a slow client holds one block and not many.
            var flushed = await output.WriteAsync(block, call.Aborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new OperationCanceledException("The client went away.", call.Aborted);
            }

            call.BytesSent += block.Length;
            rest -= block.Length;
            block = rest > 0 ? await reader.ReadAsync(call.Aborted) : default;
        }
    }
}
