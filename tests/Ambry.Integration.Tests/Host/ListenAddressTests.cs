using Ambry.Host;

namespace Ambry.Integration.Tests.Host;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9000", "http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    [InlineData("localhost:1", "http://localhost:1", "http://localhost:1")]
    [InlineData("*:65535", "http://*:65535", "http://127.0.0.1:65535")]
    [InlineData("0.0.0.0:80", "http://0.0.0.0:80", "http://127.0.0.1:80")]
    [InlineData("[::1]:9000", "http://[::1]:9000", "http://[::1]:9000")]
    [InlineData("[::]:9000", "http://[::]:9000", "http://127.0.0.1:9000")]
    public void An_address_is_a_host_and_a_port(string text, string url, string clientUrl)
    {
        ListenAddress.TryParse(text, out var address, out var fault).ShouldBeTrue(fault);
        address!.Url.ShouldBe(url);
        address.ClientUrl.ShouldBe(clientUrl);
    }

    [Theory]
    [InlineData("")]
    [InlineData("9000")]
    [InlineData(":9000")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.0.0.1:99999999999")]
    [InlineData("example.com:80")]
    [InlineData("http://127.0.0.1:80")]
    public void Anything_else_is_refused_with_its_reason(string text)
    {
        ListenAddress.TryParse(text, out var address, out var fault).ShouldBeFalse();
        address.ShouldBeNull();
        fault.ShouldEndWith(".");
    }
}
