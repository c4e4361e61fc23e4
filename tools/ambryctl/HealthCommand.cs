using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ambry.Control;

/// <summary>`ambryctl health`: is the node live and ready, and if not, why; with --wait, until it is.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(5);

    private static readonly Option<Uri> Admin = new("--admin")
    {
        Description = "The admin listener.",
        HelpName = "URL",
        CustomParser = ParseUrl,
        Arity = ArgumentArity.ExactlyOne,
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:9001"),
    };

    private static readonly Option<int> Wait = new("--wait")
    {
        Description = "Wait up to this long for the node to become ready.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0,
    };

    public static Command Create()
    {
        var command = new Command("health", "Say whether a node is ready; exit 0 when it is, 1 when not.")
        {
            Admin,
            Wait,
        };
        command.SetAction((parsed, token) => RunAsync(
            parsed.GetValue(Admin)!, TimeSpan.FromSeconds(parsed.GetValue(Wait)), TimeProvider.System, token));
        return command;
    }

    private static async Task<int> RunAsync(Uri admin, TimeSpan wait, TimeProvider time, CancellationToken token)
    {
        using var http = new HttpClient { BaseAddress = admin, Timeout = RequestLimit };
        long start = time.GetTimestamp();
        while (true)
        {
            var (ready, line) = await AskAsync(http, token);
            if (ready || time.GetElapsedTime(start) >= wait)
            {
                await (ready ? Console.Out : Console.Error).WriteLineAsync(line);
                return ready ? 0 : 1;
            }

            await Task.Delay(PollPause, time, token);
        }
    }

    private static async Task<(bool Ready, string Line)> AskAsync(HttpClient http, CancellationToken token)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), token);
            return (answer.IsSuccessStatusCode, (await answer.Content.ReadAsStringAsync(token)).Trim());
        }
        catch (HttpRequestException fault)
        {
            return (false, $"not reachable at {http.BaseAddress}: {fault.Message}");
        }
        catch (TaskCanceledException) when (!token.IsCancellationRequested)
        {
            return (false, $"no answer from {http.BaseAddress} within {RequestLimit.TotalSeconds:F0} s");
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
