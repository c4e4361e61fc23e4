using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ambry.Bench;

/// <summary>`bench s3`: one kind of request from many connections for a while.</summary>
internal static class S3Command
{
    private static readonly Option<Uri> Endpoint = new("--endpoint")
    {
        Description =
            "The S3 endpoint. Keys and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.",
        HelpName = "URL",
        CustomParser = ParseUrl,
        Arity = ArgumentArity.ExactlyOne,
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:9000"),
    };

    private static readonly Option<string> Bucket = new("--bucket")
    {
        Description = "A bucket that exists.",
        DefaultValueFactory = _ => "bench",
    };

    private static readonly Option<string> Operation = new("--op")
    {
        Description = "put, get, head or list. get and head read the keys that put wrote with the same --keys.",
        DefaultValueFactory = _ => "put",
    };

    private static readonly Option<int> Size = new("--size")
    {
        Description = "Bytes of an object.",
        DefaultValueFactory = _ => 4096,
    };

    private static readonly Option<int> Connections = new("--connections")
    {
        Description = "Requests under way at once.",
        DefaultValueFactory = _ => 32,
    };

    private static readonly Option<int> Keys = new("--keys")
    {
        Description = "How many different keys.",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long.",
        DefaultValueFactory = _ => 10,
    };

    public static Command Create()
    {
        Operation.AcceptOnlyFromAmong("put", "get", "head", "list");
        var command = new Command("s3", "One kind of request from many connections.")
        {
            Endpoint, Bucket, Operation, Size, Connections, Keys, Seconds,
        };
        command.SetAction(async (parsed, token) =>
        {
            var load = new S3Load(
                S3Target.FromEnvironment(parsed.GetValue(Endpoint)!),
                parsed.GetValue(Bucket)!,
                parsed.GetValue(Operation)!,
                parsed.GetValue(Size),
                parsed.GetValue(Keys),
                TimeProvider.System);
            var result = await load.RunAsync(
                parsed.GetValue(Connections), TimeSpan.FromSeconds(parsed.GetValue(Seconds)), token);
            Console.WriteLine(result);
            return result.Errors == 0 ? 0 : 1;
        });
        return command;
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
