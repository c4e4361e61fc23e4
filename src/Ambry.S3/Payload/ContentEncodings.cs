namespace Ambry.S3.Payload;

/// <summary>Content-Encoding as stored: <c>aws-chunked</c> is framing and ends at the gateway.</summary>
public static class ContentEncodings
{
    private const string AwsChunked = "aws-chunked";

    /// <summary>The other codings in their order; null when none is left.</summary>
    public static string? StripAwsChunked(string? contentEncoding)
    {
        if (contentEncoding is null || !contentEncoding.Contains(AwsChunked, StringComparison.OrdinalIgnoreCase))
        {
            return string.IsNullOrWhiteSpace(contentEncoding) ? null : contentEncoding;
        }

        var kept = contentEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(coding => !coding.Equals(AwsChunked, StringComparison.OrdinalIgnoreCase));
        var joined = string.Join(",", kept);
        return joined.Length == 0 ? null : joined;
    }
}
