using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Text.Json;

namespace Ambry.Control;

/// <summary>
/// `ambryctl compact`: has a node compact everything now, waits for it, and prints what that did. Exit 0 when every
/// partition was compacted as far as it can be.
/// </summary>
internal static class CompactCommand
{
    private static readonly Option<Uri> Admin = new("--admin")
    {
        Description = "The admin listener.",
        HelpName = "URL",
        CustomParser = ParseUrl,
        Arity = ArgumentArity.ExactlyOne,
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:9001"),
    };

    /// <summary>Far more than the lines of all partitions of a node.</summary>
    private const int AnswerBytesMax = 64 * 1024 * 1024;

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "compact", "Give back the space of deleted objects now; prints what that did, as JSON.")
        {
            Admin,
        };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Admin)!, io, token));
        return command;
    }

    private static async Task<int> RunAsync(Uri admin, ControlStreams io, CancellationToken token)
    {
        // As long as it takes: hours, at the rate of a large disk. Ctrl-C ends the round too.
        using var http = new HttpClient
        {
            BaseAddress = admin,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        try
        {
            using var answer = await http.PostAsync(new Uri("/compact", UriKind.Relative), content: null, token);
            string body = (await answer.Content.ReadAsStringAsync(token)).Trim();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await io.Error.WriteLineAsync($"ambryctl: {body}");
                return ControlLine.Failed;
            }

            if (CountFailed(body) is not { } failed)
            {
                await io.Error.WriteLineAsync($"ambryctl: what answers at {admin} is no admin listener.");
                return ControlLine.Failed;
            }

            await io.Output.WriteLineAsync(body);
            return failed == 0 ? 0 : ControlLine.Failed;
        }
        catch (HttpRequestException fault)
        {
            await io.Error.WriteLineAsync($"ambryctl: not reachable at {admin}: {fault.Message}");
            return ControlLine.Failed;
        }
    }

    /// <summary>Null when the bytes are no answer to this.</summary>
    private static int? CountFailed(string body)
    {
        try
        {
            using var round = JsonDocument.Parse(body);
            return round.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("failed", out JsonElement failed)
                && failed.ValueKind == JsonValueKind.Number && failed.TryGetInt32(out int count)
                    ? count
                    : null;
        }
        catch (JsonException)
        {
            // A page, most likely.
            return null;
        }
    }

    private static Uri? ParseUrl(ArgumentResult words)
    {
        string text = words.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        words.AddError($"'{text}' is not a URL that begins with http:// or https://.");
        return null;
    }
}
