using Ambry.Protocol;
using Ambry.Router;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Handles;

/// <summary>
/// The original's REST over blob ids: answers every request it is given, as the last middleware. The steps of a request
/// stand in <see cref="RunAsync"/> in their order; what ends one early is an exception that only this class catches.
/// Thread safe.
/// </summary>
internal sealed class HandleApi
{
    private readonly TimeProvider _time;
    private readonly IIdSource _ids;
    private readonly ILogger _logger;
    private readonly HandleMetrics _metrics;
    private readonly Func<string?> _fault;
    private readonly HandleCors _cors;
    private readonly HandleErrors _errors;
    private readonly HandleAuthorizer _authorizer;
    private readonly BlobUploads _uploads;
    private readonly BlobReads _reads;
    private readonly BlobChanges _changes;
    private readonly BlobStitches _stitches;
    private readonly SignedUrls _signedUrls;

    /// <param name="fault">Why requests should go elsewhere; null when they should come.</param>
    public HandleApi(
        HandleOptions options,
        IBlobRouter router,
        TimeProvider time,
        IIdSource ids,
        ILogger<HandleApi> logger,
        HandleMetrics metrics,
        Func<string?> fault)
    {
        _time = time;
        _ids = ids;
        _logger = logger;
        _metrics = metrics;
        _fault = fault;
        _cors = new HandleCors(options.CorsOrigins);
        _errors = new HandleErrors(options);
        var keys = new HandleKeys(options.Key);
        _authorizer = new HandleAuthorizer(keys, time);
        var accounts = new HandleAccounts(options.Accounts);
        var heads = new UploadHeads(options, accounts, time);
        var lookup = new BlobLookup(router, accounts, keys, time, logger);
        _uploads = new BlobUploads(router, heads, keys);
        _reads = new BlobReads(router, lookup, new BlobHeaders(options, time));
        _changes = new BlobChanges(router, lookup, time);
        _stitches = new BlobStitches(router, heads, keys, options, time);
        _signedUrls = new SignedUrls(options, keys, heads, time);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        long started = _time.GetTimestamp();
        var call = new HandleCall(context, _ids.NextId().ToString("n"));
        try
        {
            await RunAsync(call);
        }
        catch (Exception gone) when (HandleErrors.IsClientGone(gone, context))
        {
            Log.HandleClientGone(_logger, call.RequestId, call.Operation);
        }
        catch (Exception fault)
        {
            await FailAsync(call, fault);
        }

        var elapsed = _time.GetElapsedTime(started);
        _metrics.Finished(call.Operation, context.Response.StatusCode, elapsed);
        Log.HandleRequestFinished(
            _logger,
            call.RequestId,
            call.Operation,
            context.Response.StatusCode,
            call.BytesSent,
            elapsed.TotalMilliseconds);
    }

    private Task RunAsync(HandleCall call)
    {
        call.Http.Response.Headers[HandleHeaders.RequestId] = call.RequestId;
        _cors.Apply(call.Http);
        call.Route = HandleRoute.Of(call.Http.Request.Method, call.Http.Request.Path.Value ?? "");
        call.Operation = call.Route.Operation.ToString();
        _authorizer.Check(call);
        return AnswerAsync(call);
    }

    private Task AnswerAsync(HandleCall call)
    {
        switch (call.Route.Operation)
        {
            case HandleOperation.HealthCheck:
                return AnswerHealthAsync(call);
            case HandleOperation.Preflight:
                HandleCors.AnswerPreflight(call.Http);
                return Task.CompletedTask;
            case HandleOperation.PostBlob:
                return _uploads.HandleAsync(call);
            case HandleOperation.GetBlob:
                return _reads.GetAsync(call);
            case HandleOperation.GetBlobInfo:
                return _reads.GetInfoAsync(call);
            case HandleOperation.GetUserMetadata:
                return _reads.GetUserMetadataAsync(call);
            case HandleOperation.DeleteBlob:
                return _changes.DeleteAsync(call);
            case HandleOperation.UpdateTtl:
                return _changes.UpdateTtlAsync(call);
            case HandleOperation.Undelete:
                return _changes.UndeleteAsync(call);
            case HandleOperation.Stitch:
                return _stitches.HandleAsync(call);
            case HandleOperation.SignUrl:
                _signedUrls.Handle(call);
                return Task.CompletedTask;
            default:
                throw new System.Diagnostics.UnreachableException($"Nobody does {call.Route.Operation}.");
        }
    }

    /// <summary>The original's words, which load balancers look for.</summary>
    private Task AnswerHealthAsync(HandleCall call)
    {
        bool isGood = _fault() is null;
        var response = call.Http.Response;
        response.StatusCode = isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        string word = isGood ? "GOOD" : "BAD";
        response.ContentLength = word.Length;
        return call.IsHead ? Task.CompletedTask : response.WriteAsync(word, call.Aborted);
    }

    private async Task FailAsync(HandleCall call, Exception exception)
    {
        if (call.Http.Response.HasStarted)
        {
            // There is no way to say it any more: a cut connection is the only truth that is left.
            Log.HandleResponseAborted(_logger, exception, call.RequestId, call.Operation, call.BytesSent);
            _metrics.Aborted(call.Operation);
            call.Http.Abort();
            return;
        }

        var fault = HandleErrors.ToClientFault(exception);
        if (fault is null)
        {
            Log.HandleInternalError(_logger, exception, call.RequestId, call.Operation);
            fault = HandleErrorMap.ToException(RouterError.Internal);
        }

        try
        {
            await _errors.WriteAsync(call, fault);
        }
        catch (Exception again) when (HandleErrors.IsClientGone(again, call.Http))
        {
            Log.HandleClientGone(_logger, call.RequestId, call.Operation);
        }
    }
}
