using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ambry.Control.Certificates;

/// <summary>
/// `ambryctl cert`: an authority of one's own and certificates of its nodes, for clusters without a public key
/// infrastructure. Never writes over a file that is there.
/// </summary>
internal static class CertificateCommand
{
    private const string AuthorityCertificate = "authority.pem";
    private const string AuthorityKey = "authority.key";
    private const string NodeCertificate = "node.pem";
    private const string NodeKey = "node.key";

    /// <summary>Ten years, and the longest a node should go without a new key.</summary>
    private const int AuthorityDays = 3650;
    private const int NodeDays = 825;

    private static readonly Argument<DirectoryInfo> Folder = new("DIR")
    {
        Description = "Where the files are written; made when it is not there.",
    };

    private static readonly Option<DirectoryInfo> Authority = new("--authority")
    {
        Description = "The folder of the authority.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<string[]> Hosts = new("--host")
    {
        Description = "A name or address that peers dial the node at; may be given more than once.",
        HelpName = "HOST",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Name = new("--name")
    {
        Description = "The authority's name.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "Ambry cluster authority",
    };

    private static readonly Option<int> Days = new("--days")
    {
        Description = "How long the certificate is good.",
        HelpName = "DAYS",
    };

    public static Command Create(ControlStreams io)
    {
        var init = new Command("init", "Make an authority: authority.pem for every node, authority.key for none.")
        {
            Folder,
            Name,
            Days,
        };
        init.SetAction(parsed => Init(
            parsed.GetValue(Folder)!, parsed.GetValue(Name)!, DaysOr(parsed, AuthorityDays), io));
        var node = new Command("node", "Make a node's certificate and key, and put the authority's beside them.")
        {
            Folder,
            Authority,
            Hosts,
            Days,
        };
        node.SetAction(parsed => Node(
            parsed.GetValue(Folder)!,
            parsed.GetValue(Authority)!,
            parsed.GetValue(Hosts)!,
            DaysOr(parsed, NodeDays),
            io));
        return new Command("cert", "Make certificates for the connections between nodes.") { init, node };
    }

    private static TimeSpan DaysOr(ParseResult parsed, int days)
    {
        int given = parsed.GetValue(Days);
        return given is >= 0 and <= 36_500
            ? TimeSpan.FromDays(given == 0 ? days : given)
            : throw new UsageException($"--days is 1 to 36500, not {given}.");
    }

    private static int Init(DirectoryInfo folder, string name, TimeSpan lifetime, ControlStreams io)
    {
        PemPair made = CertificateMaker.MakeAuthority(name, io.Time.GetUtcNow(), lifetime);
        Directory.CreateDirectory(folder.FullName);
        Write(folder, AuthorityKey, made.Key, isSecret: true);
        Write(folder, AuthorityCertificate, made.Certificate, isSecret: false);
        io.Output.WriteLine(Path.Combine(folder.FullName, AuthorityCertificate));
        return 0;
    }

    private static int Node(
        DirectoryInfo folder, DirectoryInfo authority, string[] hosts, TimeSpan lifetime, ControlStreams io)
    {
        string certificatePath = Path.Combine(authority.FullName, AuthorityCertificate);
        using X509Certificate2 signer = Load(certificatePath, Path.Combine(authority.FullName, AuthorityKey));
        PemPair made = CertificateMaker.MakeNode(signer, hosts, io.Time.GetUtcNow(), lifetime);
        Directory.CreateDirectory(folder.FullName);
        Write(folder, NodeKey, made.Key, isSecret: true);
        Write(folder, NodeCertificate, made.Certificate, isSecret: false);
        if (!string.Equals(folder.FullName, authority.FullName, StringComparison.Ordinal))
        {
            File.Copy(certificatePath, Path.Combine(folder.FullName, AuthorityCertificate), overwrite: true);
        }

        io.Output.WriteLine(Path.Combine(folder.FullName, NodeCertificate));
        return 0;
    }

    private static X509Certificate2 Load(string certificatePath, string keyPath)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
        {
            throw new UsageException(
                $"{Path.GetDirectoryName(certificatePath)} holds no authority; 'ambryctl cert init' makes one.");
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        }
        catch (CryptographicException fault)
        {
            throw new UsageException($"the authority cannot be used: {fault.Message}");
        }
    }

    /// <summary>A key is never readable for others, not even while it is written.</summary>
    private static void Write(DirectoryInfo folder, string name, string text, bool isSecret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(Path.Combine(folder.FullName, name), options);
        file.Write(Encoding.ASCII.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
    }
}
