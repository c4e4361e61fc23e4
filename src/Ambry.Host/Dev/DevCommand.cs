using System.CommandLine;
using Ambry.Log;

namespace Ambry.Host.Dev;

/// <summary>The words of `ambry dev`.</summary>
internal static class DevCommand
{
    private static readonly Option<string> Data = new("--data")
    {
        Description = "Folder that holds everything; made when missing.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "./ambry-data",
    };

    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "Where S3 clients connect.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => "127.0.0.1:9000",
    };

    private static readonly Option<string> Admin = new("--admin")
    {
        Description = "Where health checks connect.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => "127.0.0.1:9001",
    };

    private static readonly Option<string> Region = new("--region")
    {
        Description = "Region that signatures must name.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "us-east-1",
    };

    private static readonly Option<string[]> Domain = new("--domain")
    {
        Description = "Host name whose sub-domains are buckets (virtual-host style); may be repeated.",
        HelpName = "NAME",
    };

    private static readonly Option<string[]> CorsOrigin = new("--cors-origin")
    {
        Description = "Origin that browsers may call from, or '*'; may be repeated. Without it CORS is off.",
        HelpName = "ORIGIN",
    };

    private static readonly Option<DurabilityMode> Durability = new("--durability")
    {
        Description = "When a write is answered: 'group' after an fdatasync that concurrent writes share, 'each' after "
            + "one of its own, 'interval' from the page cache (a power cut loses the last seconds).",
        HelpName = "group|each|interval",
        DefaultValueFactory = _ => DurabilityMode.Group,
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Log every request.",
    };

    public static Command Create()
    {
        var command = new Command("dev", "Run everything in one process on one disk (the default verb).")
        {
            Data, Listen, Admin, Region, Domain, CorsOrigin, Durability, Verbose,
        };
        AddAddressCheck(Listen);
        AddAddressCheck(Admin);
        command.SetAction((parsed, token) => DevServer.RunAsync(Read(parsed), token));
        return command;
    }

    private static void AddAddressCheck(Option<string> option) => option.Validators.Add(result =>
    {
        if (!ListenAddress.TryParse(result.GetValueOrDefault<string>() ?? "", out _, out string fault))
        {
            result.AddError($"{option.Name}: {fault}");
        }
    });

    private static DevOptions Read(ParseResult parsed)
    {
        ListenAddress.TryParse(parsed.GetValue(Listen)!, out var listen, out _);
        ListenAddress.TryParse(parsed.GetValue(Admin)!, out var admin, out _);
        return new DevOptions
        {
            DataFolder = Path.GetFullPath(parsed.GetValue(Data)!),
            Listen = listen!,
            Admin = admin!,
            Region = parsed.GetValue(Region)!,
            Domains = parsed.GetValue(Domain) ?? [],
            CorsOrigins = parsed.GetValue(CorsOrigin) ?? [],
            Durability = parsed.GetValue(Durability),
            Verbose = parsed.GetValue(Verbose),
        };
    }
}
