using Ambry.Objects;
using Ambry.Router;

namespace Ambry.Testing.Simulation;

/// <summary>Reads what a name stands for and compares it, byte by byte, with what was once sent. Stateless.</summary>
internal static class SimReading
{
    public static async Task ReadAsync(SimWorld world, SimModel model, StoredObject stored, long offset, long length)
    {
        string what = $"{stored.Path.Bucket} {stored.ETag}";
        SimModel.Demand(model.Contents.TryGetValue(stored.ETag, out byte[]? content), $"{what}: nobody wrote this");
        SimModel.Demand(content!.Length == stored.SizeBytes, $"{what}: {stored.SizeBytes} for {content.Length} bytes");
        CheckMetadata(stored);
        var opened = await world.Objects.OpenReadAsync(stored, offset, length, default);
        SimModel.Demand(opened.Value is not null, $"{what}: opening answers {opened.Error}");
        await using var reader = opened.Value!;
        await CompareAsync(content.AsMemory((int)offset, (int)length), reader.ReadAsync, what);
    }

    public static async Task ReadPartAsync(SimWorld world, SimModel model, StoredPart part)
    {
        byte[] content = model.Contents[part.ETag];
        SimModel.Demand(
            content.Length == part.SizeBytes, $"part {part.ETag}: {part.SizeBytes} for {content.Length} bytes");
        var opened = await world.Router.OpenReadAsync(part.Record.Blob, 0, part.SizeBytes, ReadScope.Live, default);
        SimModel.Demand(opened.Reader is not null, $"part {part.ETag}: opening answers {opened.Error}");
        await using var reader = opened.Reader!;
        await CompareAsync(content, reader.ReadAsync, "part " + part.ETag);
    }

    private static async Task CompareAsync(
        ReadOnlyMemory<byte> expected, Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> next, string what)
    {
        int at = 0;
        while (await next(default) is { Length: > 0 } block)
        {
            SimModel.Demand(
                block.Length <= expected.Length - at && block.Span.SequenceEqual(expected.Span.Slice(at, block.Length)),
                $"{what}: wrong bytes at {at}");
            at += block.Length;
        }

        SimModel.Demand(at == expected.Length, $"{what}: ends after {at} of {expected.Length} bytes");
    }

    /// <summary>Headers and metadata of a name were written by one operation.</summary>
    private static void CheckMetadata(StoredObject stored)
    {
        string operation = stored.UserMetadata.Single(pair => pair.Key == SimModel.OperationName).Value;
        SimModel.Demand(
            stored.Headers is [{ Key: "Content-Type" } type] && type.Value == "sim/" + operation,
            $"{stored.ETag}: headers and metadata come from two writes");
    }
}
