using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

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
        using var http = new HttpClient { BaseAddress = admin, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var answer = await http.PostAsync(new Uri("/compact", UriKind.Relative), content: null, token);
            string body = (await answer.Content.ReadAsStringAsync(token)).Trim();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await io.Error.WriteLineAsync($"ambryctl: {body}");
                return ControlLine.Failed;
            }

            await io.Output.WriteLineAsync(body);
            using var round = System.Text.Json.JsonDocument.Parse(body);
            return round.RootElement.GetProperty("failed").GetInt32() == 0 ? 0 : ControlLine.Failed;
        }
        catch (HttpRequestException fault)
        {
            await io.Error.WriteLineAsync($"ambryctl: not reachable at {admin}: {fault.Message}");
            return ControlLine.Failed;
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
