using System.CommandLine;
using Ambry.Host.Embedded;
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

    private static readonly Option<string> SegmentSize = Bytes(
        "--segment-size",
        "Space that each partition takes of the disk at a time, and gives back at a time; 8MiB to 1GiB.",
        "128MiB");

    private static readonly Option<string> DeletedRetention = new("--deleted-retention")
    {
        Description = "How long the space of deleted objects is kept before it may be given back, such as 0s or 7d.",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "7d",
    };

    private static readonly Option<string> CompactionRate = Bytes(
        "--compaction-rate", "Bytes a second that compaction copies at most; 0 knows no limit.", "10MiB");

    private static readonly Option<string> ScrubRate = Bytes(
        "--scrub-rate", "Bytes a second of stored data whose checksums are verified; 0 verifies none.", "1MiB");

    private static readonly Option<bool> HardDelete = new("--hard-delete")
    {
        Description = "Overwrite deleted content with zeros once its retention is over.",
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Log every request.",
    };

    public static Command Create()
    {
        var command = new Command("dev", "Run everything in one process on one disk (the default verb).")
        {
            Data, Listen, Admin, Region, Domain, CorsOrigin, Durability, SegmentSize, DeletedRetention, CompactionRate,
            ScrubRate, HardDelete, Verbose,
        };
        AddAddressCheck(Listen);
        AddAddressCheck(Admin);
        AddBytesCheck(SegmentSize, EmbeddedOptions.SegmentBytesMin, EmbeddedOptions.SegmentBytesMax);
        AddBytesCheck(CompactionRate, 0, long.MaxValue);
        AddBytesCheck(ScrubRate, 0, long.MaxValue);
        AddDurationCheck(DeletedRetention);
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

    private static Option<string> Bytes(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = "BYTES",
        DefaultValueFactory = _ => value,
    };

    private static void AddBytesCheck(Option<string> option, long least, long most) => option.Validators.Add(result =>
    {
        if (!Quantity.TryParseBytes(result.GetValueOrDefault<string>() ?? "", out long bytes))
        {
            result.AddError($"{option.Name}: not a number of bytes, such as 64MiB.");
        }
        else if (bytes < least || bytes > most)
        {
            result.AddError($"{option.Name}: must be between {least} and {most} bytes.");
        }
    });

    private static void AddDurationCheck(Option<string> option) => option.Validators.Add(result =>
    {
        if (!Quantity.TryParseDuration(result.GetValueOrDefault<string>() ?? "", out _))
        {
            result.AddError($"{option.Name}: not a duration such as 30s, 12h or 7d.");
        }
    });

    private static long ReadBytes(ParseResult parsed, Option<string> option)
    {
        Quantity.TryParseBytes(parsed.GetValue(option)!, out long bytes);
        return bytes;
    }

    private static DevOptions Read(ParseResult parsed)
    {
        ListenAddress.TryParse(parsed.GetValue(Listen)!, out var listen, out _);
        ListenAddress.TryParse(parsed.GetValue(Admin)!, out var admin, out _);
        Quantity.TryParseDuration(parsed.GetValue(DeletedRetention)!, out TimeSpan retention);
        return new DevOptions
        {
            DataFolder = Path.GetFullPath(parsed.GetValue(Data)!),
            Listen = listen!,
            Admin = admin!,
            Region = parsed.GetValue(Region)!,
            Domains = parsed.GetValue(Domain) ?? [],
            CorsOrigins = parsed.GetValue(CorsOrigin) ?? [],
            Durability = parsed.GetValue(Durability),
            SegmentBytes = ReadBytes(parsed, SegmentSize),
            DeletedRetention = retention,
            CompactionBytesPerSecond = ReadBytes(parsed, CompactionRate),
            ScrubBytesPerSecond = ReadBytes(parsed, ScrubRate),
            HardDelete = parsed.GetValue(HardDelete),
            Verbose = parsed.GetValue(Verbose),
        };
    }
}
