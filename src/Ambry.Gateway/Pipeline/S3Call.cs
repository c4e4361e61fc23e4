using Ambry.Objects;
using Ambry.S3.Auth;
using Ambry.S3.Operations;
using Ambry.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// One request on its way through the pipeline; each step fills in what it found. Not thread safe: one request, one
/// thread at a time.
/// </summary>
internal sealed class S3Call(HttpContext http, RequestIds ids)
{
    private S3Request? _request;
    private S3Target? _target;
    private S3Operation? _operation;
    private S3Authentication? _authentication;

    public HttpContext Http { get; } = http;

    public RequestIds Ids { get; } = ids;

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>
    /// As operations see it: what a presigned request has in its query in place of headers is among the headers.
    /// </summary>
    public S3Request Request
    {
        get => _request ?? throw NotYet(nameof(Request));
        set => _request = value;
    }

    public S3Target Target
    {
        get => _target ?? throw NotYet(nameof(Target));
        set => _target = value;
    }

    public S3Operation Operation
    {
        get => _operation ?? throw NotYet(nameof(Operation));
        set => _operation = value;
    }

    public S3Authentication Authentication
    {
        get => _authentication ?? throw NotYet(nameof(Authentication));
        set => _authentication = value;
    }

    /// <summary>For the log line of a request that may have failed early.</summary>
    public string OperationName => _operation?.Name ?? "-";

    /// <summary>The path as sent, for error documents.</summary>
    public string Resource => _target?.RawPath ?? "/";

    /// <summary>Who writes objects in this request.</summary>
    public string Owner => Authentication.Credential.OwnerId;

    public string Bucket => Target.Bucket ?? throw NotYet(nameof(Bucket));

    public ObjectPath Path => new(Bucket, Target.Key);

    /// <summary>Bytes of the answer's body so far.</summary>
    public long BytesSent { get; set; }

    /// <summary>The error code answered; null for a success.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>A request header; null when absent or empty, which some clients mean by it.</summary>
    public string? Header(string name)
    {
        var value = Request.Headers[name];
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>A query parameter; null when absent or empty.</summary>
    public string? Parameter(string name)
    {
        var value = Target.Query[name];
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static InvalidOperationException NotYet(string what) =>
        new($"{what} is asked for before the pipeline has found it.");
}
