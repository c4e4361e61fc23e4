using System.Globalization;
using System.Text;
using System.Text.Json;
using Ambry.Protocol;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>One request of an operator. Not thread safe.</summary>
/// <param name="context">The request itself.</param>
/// <param name="names">What stood for the {} of the route.</param>
/// <param name="token">Cancelled when the operator goes away or the route's limit passes.</param>
internal sealed class AdminCall(HttpContext context, string[] names, CancellationToken token)
{
    public HttpContext Context { get; } = context;

    public string[] Names { get; } = names;

    public CancellationToken Token { get; } = token;

    /// <summary>The n-th name of the path as a partition; null when it is not one.</summary>
    public PartitionId? TryPartition(int index) =>
        uint.TryParse(Names[index], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            ? new PartitionId(id)
            : null;

    /// <summary>A whole number of the query; false when it is there and is not one.</summary>
    public bool TryNumber(string name, long absent, out long value)
    {
        value = absent;
        return Context.Request.Query[name] is not { Count: > 0 } given
            || long.TryParse(given.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    public Task LineAsync(int status, string line) => AdminServer.WriteAsync(Context, status, line);

    public Task NotFoundAsync(string line) => LineAsync(StatusCodes.Status404NotFound, line);

    public Task BadRequestAsync(string line) => LineAsync(StatusCodes.Status400BadRequest, line);

    /// <summary>Answers an indented object.</summary>
    public Task JsonAsync(int status, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return BytesAsync(status, "application/json", buffer.ToArray());
    }

    public Task TextAsync(string contentType, string text) =>
        BytesAsync(StatusCodes.Status200OK, contentType, Encoding.UTF8.GetBytes(text));

    public async Task BytesAsync(int status, string contentType, ReadOnlyMemory<byte> body)
    {
        Context.Response.StatusCode = status;
        Context.Response.ContentType = contentType;
        Context.Response.Headers.CacheControl = "no-store";
        Context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(Context.Request.Method))
        {
            await Context.Response.Body.WriteAsync(body, Token);
        }
    }

    /// <summary>The body; null when it is longer than the route allows.</summary>
    public async Task<byte[]?> TryReadBodyAsync()
    {
        try
        {
            using var body = new MemoryStream();
            await Context.Request.Body.CopyToAsync(body, Token);
            return body.ToArray();
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }
}
