using System.Diagnostics.Metrics;
using Ambry.Gateway.Operations;
using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.S3.Auth;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Gateway;

/// <summary>
/// The S3 front: answers every request it is given, as the last middleware. The steps of a request stand in
/// <see cref="RunAsync"/> in their order; everything that ends one early is an exception that only this class catches.
/// Thread safe.
/// </summary>
public sealed class S3Gateway : IDisposable
{
    private readonly TimeProvider _time;
    private readonly IIdSource _ids;
    private readonly GatewayOptions _options;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Ambry.Gateway");
    private readonly GatewayMetrics _metrics;
    private readonly Cors _cors;
    private readonly SignatureVerifier _verifier;
    private readonly Authorizer _authorizer;
    private readonly OperationHandlers _handlers;
    private readonly ErrorResponses _errors;

    public S3Gateway(
        IObjectStore store,
        ICredentialStore credentials,
        TimeProvider time,
        IIdSource ids,
        ILoggerFactory loggers,
        GatewayOptions options)
    {
        _time = time;
        _ids = ids;
        _options = options;
        _logger = loggers.CreateLogger<S3Gateway>();
        _metrics = new GatewayMetrics(_meter);
        _cors = new Cors(options.Cors);
        _verifier = new SignatureVerifier(credentials, time, options.Region);
        _authorizer = new Authorizer(options);
        _handlers = new OperationHandlers(store, options, _cors);
        _errors = new ErrorResponses(options, ApplyStandardHeaders);
    }

    /// <summary>The limits and encodings that the front relies on; every listener gets them.</summary>
    public static void ConfigureKestrel(KestrelServerOptions kestrel, GatewayOptions options) =>
        KestrelSettings.Apply(kestrel, options);

    public async Task InvokeAsync(HttpContext context)
    {
        var started = _time.GetTimestamp();
        var call = new S3Call(context, RequestIds.Next(_ids));
        ApplyStandardHeaders(call);
        try
        {
            await RunAsync(call);
        }
        catch (Exception gone) when (RequestFaults.IsClientGone(gone, context))
        {
            Log.ClientGone(_logger, call.Ids.RequestId, call.OperationName);
        }
        catch (Exception exception)
        {
            await FailAsync(call, exception);
        }

        var elapsed = _time.GetElapsedTime(started);
        _metrics.Finished(call.OperationName, context.Response.StatusCode, elapsed);
        Log.RequestFinished(
            _logger,
            call.Ids.RequestId,
            call.OperationName,
            context.Response.StatusCode,
            call.ErrorCode ?? "-",
            call.BytesSent,
            elapsed.TotalMilliseconds);
    }

    public void Dispose() => _meter.Dispose();

    private async Task RunAsync(S3Call call)
    {
        var received = RequestReader.Read(call.Http, _options.HeaderBytesMax);
        call.Target = S3Target.Parse(received, _options.Domains);
        call.Request = EffectiveHeaders.Apply(received, call.Target.Query);
        call.Operation = S3OperationTable.Resolve(call.Request, call.Target);
        if (call.Operation.Kind != S3OperationKind.CorsPreflight)
        {
            call.Authentication = _verifier.Authenticate(
                received, call.Target.IsVirtualHost ? call.Target.Bucket : null);
            _authorizer.Check(call);
            UnsupportedHeaders.Check(call.Operation, call.Request, call.Target);
        }

        await _handlers.HandleAsync(call);
    }

    private void ApplyStandardHeaders(S3Call call)
    {
        var headers = call.Http.Response.Headers;
        headers["x-amz-request-id"] = call.Ids.RequestId;
        headers["x-amz-id-2"] = call.Ids.HostId;
        UnreadBody.CloseIfNeverContinued(call.Http);
        _cors.Apply(call.Http);
    }

    private async Task FailAsync(S3Call call, Exception exception)
    {
        if (call.Http.Response.HasStarted)
        {
            // There is no way to say it any more: a cut connection is the only truth that is left.
            Log.ResponseAborted(_logger, exception, call.Ids.RequestId, call.OperationName, call.BytesSent);
            _metrics.Aborted(call.OperationName);
            call.Http.Abort();
            return;
        }

        var error = RequestFaults.ToS3Exception(exception);
        if (error is null)
        {
            Log.InternalError(_logger, exception, call.Ids.RequestId, call.OperationName);
            error = new S3Exception(S3Errors.InternalError);
        }

        try
        {
            await _errors.WriteAsync(call, error);
        }
        catch (Exception again) when (RequestFaults.IsClientGone(again, call.Http))
        {
            Log.ClientGone(_logger, call.Ids.RequestId, call.OperationName);
        }
    }
}
