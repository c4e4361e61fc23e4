using System.Buffers;
using Ambry.S3.Errors;

namespace Ambry.S3.Payload;

/// <summary>Reads documents whole: bounded, and checked as every body is before a byte of them is parsed.</summary>
public static class S3SmallBody
{
    private const int BlockBytes = 16 * 1024;

    /// <exception cref="S3Exception">The body is longer than that, or fails a check.</exception>
    public static async Task<byte[]> ReadAsync(S3BodyStream body, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        var limit = BodyRules.Document with { LengthMaxBytes = maxBytes };
        if (body.AnnouncedLengthBytes > maxBytes)
        {
            throw BodyErrors.TooMuch(limit, body.AnnouncedLengthBytes.Value);
        }

        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await body.ReadAsync(text.GetMemory(BlockBytes), cancellationToken);
            if (read == 0)
            {
                return text.WrittenSpan.ToArray();
            }

            text.Advance(read);
            if (text.WrittenCount > maxBytes)
            {
                throw BodyErrors.TooMuch(limit, text.WrittenCount);
            }
        }
    }
}
