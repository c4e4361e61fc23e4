using System.Text;
using System.Text.Json;

namespace Ambry.Integration.Tests.Handles;

/// <summary>One answer of the handle API, read to its end.</summary>
internal sealed record HandleAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Reason => this["x-ambry-failure-reason"];

    public string? this[string name] => Headers.GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>A failure of that kind, with the same word in its header and its body.</summary>
    public void ShouldFail(int status, string reason)
    {
        Status.ShouldBe(status, Text);
        Reason.ShouldBe(reason);
        if (Body.Length > 0)
        {
            using var document = JsonDocument.Parse(Body);
            document.RootElement.GetProperty("code").GetString().ShouldBe(reason);
            document.RootElement.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
            document.RootElement.GetProperty("requestId").GetString().ShouldBe(this["x-ambry-request-id"]);
        }

        this["Cache-Control"].ShouldBe("no-store");
    }

    public static async Task<HandleAnswer> ReadAsync(HttpResponseMessage response)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(h => h.Key.ToLowerInvariant(), h => string.Join(", ", h.Value));
        return new HandleAnswer((int)response.StatusCode, headers, body);
    }
}
