using Ambry.Gateway.Pipeline;
using Ambry.S3.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class RequestFaultsTests
{
    [Theory]
    [InlineData(408, "RequestTimeout")]
    [InlineData(413, "EntityTooLarge")]
    [InlineData(400, "IncompleteBody")]
    public void The_servers_complaints_about_a_body_become_errors_of_the_dialect(int status, string code)
    {
        var fault = RequestFaults.ToS3Exception(new BadHttpRequestException("x", status)).ShouldNotBeNull();
        fault.Error.Code.ShouldBe(code);
        fault.Error.Status.ShouldBe(400);
        fault.Headers.ShouldContain(new KeyValuePair<string, string>("Connection", "close"));
    }

    [Fact]
    public void Errors_of_the_dialect_pass_and_all_others_are_ours()
    {
        var known = new S3Exception(S3Errors.NoSuchKey);
        RequestFaults.ToS3Exception(known).ShouldBe(known);
        RequestFaults.ToS3Exception(new InvalidOperationException()).ShouldBeNull();
        RequestFaults.ToS3Exception(new IOException()).ShouldBeNull();
    }

    [Fact]
    public void A_client_is_gone_only_when_its_connection_is()
    {
        using var aborted = new CancellationTokenSource();
        var http = new DefaultHttpContext { RequestAborted = aborted.Token };
        RequestFaults.IsClientGone(new OperationCanceledException(), http).ShouldBeFalse();
        RequestFaults.IsClientGone(new ConnectionResetException("x"), http).ShouldBeTrue();
        aborted.Cancel();
        RequestFaults.IsClientGone(new OperationCanceledException(), http).ShouldBeTrue();
        RequestFaults.IsClientGone(new IOException(), http).ShouldBeTrue();
        RequestFaults.IsClientGone(new InvalidOperationException(), http).ShouldBeFalse();
    }
}
