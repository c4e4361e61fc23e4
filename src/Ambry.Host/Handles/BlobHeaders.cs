using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ambry.Host.Handles;

/// <summary>What an answer says of a blob in its headers. Thread safe.</summary>
internal sealed class BlobHeaders(HandleOptions options, TimeProvider time)
{
    /// <summary>Types that a browser would run as a page of this server's origin.</summary>
    private static readonly HashSet<string> ActiveTypes =
        new(["", "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml"]);

    /// <summary>All that the uploader said and the store knows.</summary>
    public static void ApplyInfo(HandleCall call, FoundBlob blob)
    {
        var headers = call.Http.Response.Headers;
        var note = blob.Annotation;
        headers[HandleHeaders.BlobSize] = Text(blob.Properties.SizeBytes);
        headers[HandleHeaders.ServiceId] = note.ServiceId;
        headers[HandleHeaders.CreationTime] = Time(note.CreatedAt);
        headers[HandleHeaders.Private] = note.IsPrivate ? "true" : "false";
        headers[HandleHeaders.Ttl] = Text(TtlSeconds(blob));
        headers[HandleHeaders.ContentType] = note.ContentType;
        headers[HandleHeaders.TargetAccount] = blob.Place.Account.Name;
        headers[HandleHeaders.TargetContainer] = blob.Place.Container.Name;
        SetUnlessEmpty(headers, HandleHeaders.OwnerId, note.OwnerId);
        SetUnlessEmpty(headers, HandleHeaders.ContentEncoding, note.ContentEncoding);
        SetUnlessEmpty(headers, HandleHeaders.Filename, note.Filename);
        ApplyUserMetadata(call, blob);
    }

    public static void ApplyUserMetadata(HandleCall call, FoundBlob blob)
    {
        foreach (var item in blob.Annotation.UserMetadata)
        {
            call.Http.Response.Headers[HandleHeaders.UserMetadataPrefix + item.Key] = item.Value;
        }
    }

    /// <summary>What a browser or a cache goes by when it gets the content.</summary>
    public void ApplyContent(HandleCall call, FoundBlob blob)
    {
        var headers = call.Http.Response.Headers;
        headers.ContentType = blob.Annotation.ContentType;
        headers.AcceptRanges = "bytes";
        headers.XContentTypeOptions = "nosniff";
        SetUnlessEmpty(headers, HeaderNames.ContentEncoding, blob.Annotation.ContentEncoding);
        ApplyDisposition(headers, blob.Annotation);
        ApplyCaching(call, blob);
    }

    /// <summary>What a cache goes by, also with 304.</summary>
    public void ApplyCaching(HandleCall call, FoundBlob blob)
    {
        var headers = call.Http.Response.Headers;
        headers.LastModified = Time(blob.Annotation.CreatedAt);
        bool isCacheable = blob.Place.Container.Cacheable && !blob.Annotation.IsPrivate
            && blob.Scope == Router.ReadScope.Live;
        if (!isCacheable)
        {
            headers.CacheControl = "private, no-cache, no-store, proxy-revalidate";
            headers.Pragma = "no-cache";
            return;
        }

        var now = time.GetUtcNow();
        long seconds = blob.Place.Container.CacheTtlSeconds ?? (long)options.CacheTtl.TotalSeconds;
        if (blob.Properties.ExpiresAt is { } expiresAt)
        {
            // No cache outlives the blob.
            seconds = Math.Clamp((long)(expiresAt - now).TotalSeconds, 0, seconds);
        }

        headers.CacheControl = "max-age=" + Text(seconds);
        headers.Expires = Time(now.AddSeconds(seconds));
    }

    private static void ApplyDisposition(IHeaderDictionary headers, HandleAnnotation note)
    {
        bool isActive = ActiveTypes.Contains(note.ContentType.Split(';')[0].Trim().ToLowerInvariant());
        if (note.Filename.Length == 0)
        {
            SetUnlessEmpty(headers, HeaderNames.ContentDisposition, isActive ? "attachment" : "");
            return;
        }

        var disposition = new ContentDispositionHeaderValue(isActive ? "attachment" : "inline");
        disposition.SetHttpFileName(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(note.Filename)));
        headers.ContentDisposition = disposition.ToString();
    }

    private static long TtlSeconds(FoundBlob blob) => blob.Properties.ExpiresAt is { } expiresAt
        ? Math.Max(0, (long)Math.Round((expiresAt - blob.Annotation.CreatedAt).TotalSeconds))
        : -1;

    private static void SetUnlessEmpty(IHeaderDictionary headers, string name, string value)
    {
        if (value.Length > 0)
        {
            headers[name] = value;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset value) =>
        value.ToString(HandleHeaders.TimeFormat, CultureInfo.InvariantCulture);
}
