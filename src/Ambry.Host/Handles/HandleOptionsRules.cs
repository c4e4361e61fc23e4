using System.Net;
using System.Text;

namespace Ambry.Host.Handles;

/// <summary>What is wrong with settings of the handle API, all of it at once. Stateless.</summary>
internal static class HandleOptionsRules
{
    /// <summary>As long as what SHA-256 gives: shorter is easier to guess than the signature.</summary>
    public const int KeyBytesMin = 32;

    private const int KeyBytesMax = 1024;
    private const int NameLengthMax = 128;

    /// <summary>The S3 gateway's account: its blobs belong to its mapping.</summary>
    private const ushort GatewayAccountId = 1;

    private const long CacheTtlSecondsMax = 10L * 365 * 24 * 60 * 60;

    /// <summary>One line for each fault, with the key in the configuration file; empty when all is well.</summary>
    public static IReadOnlyList<string> Validate(HandleOptions options)
    {
        var faults = new List<string>();
        CheckKey(options, faults);
        CheckAccounts(options.Accounts, faults);
        if (options.PublicUrl is { } url && !IsOrigin(url))
        {
            faults.Add($"handle.publicUrl: '{url}' is not http(s)://HOST[:PORT].");
        }

        Require(options.CacheTtl >= TimeSpan.Zero, "handle.cacheTtl: must not be negative.", faults);
        Require(
            options.SignedUrlTtl > TimeSpan.Zero && options.SignedUrlTtl <= options.SignedUrlTtlMax,
            "handle.signedUrlTtl: must be more than nothing and no more than signedUrlTtlMax.",
            faults);
        Require(
            options.SignedUploadBytes > 0 && options.SignedUploadBytes <= options.SignedUploadBytesMax,
            "handle.signedUploadBytes: must be more than nothing and no more than signedUploadBytesMax.",
            faults);
        Require(
            options.ChunkTtl >= TimeSpan.FromHours(1), "handle.chunkTtl: must be an hour or more.", faults);
        return faults;
    }

    private static void CheckKey(HandleOptions options, List<string> faults)
    {
        if (options.Key is null)
        {
            Require(
                IsLoopback(options.Listen.Host),
                $"handle.key: without one the API may only listen at a loopback address, not {options.Listen.Host}.",
                faults);
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(options.Key);
        Require(
            bytes is >= KeyBytesMin and <= KeyBytesMax,
            $"handle.key: must have {KeyBytesMin} to {KeyBytesMax} bytes.",
            faults);
        Require(
            options.Key.All(c => c is > ' ' and <= '~'),
            "handle.key: must be visible ASCII without spaces, as it is sent in a header.",
            faults);
    }

    private static void CheckAccounts(IReadOnlyList<HandleAccount> accounts, List<string> faults)
    {
        CheckUnique(accounts.Select(a => a.Name), accounts.Select(a => a.Id), "handle.accounts", faults);
        foreach (var account in accounts)
        {
            string where = $"handle.accounts '{account.Name}'";
            CheckName(account.Name, where, faults);
            Require(
                account.Id is not (GatewayAccountId or HandleAccounts.UnknownAccountId),
                $"{where}: id {account.Id} is reserved.",
                faults);
            Require(account.Name != "ambry-unknown-account", $"{where}: the name is reserved.", faults);
            Require(account.Containers.Count > 0, $"{where}: has no containers.", faults);
            CheckUnique(
                account.Containers.Select(c => c.Name), account.Containers.Select(c => c.Id), where, faults);
            foreach (var container in account.Containers)
            {
                CheckName(container.Name, $"{where}, container '{container.Name}'", faults);
                Require(
                    container.CacheTtlSeconds is null or (>= 0 and <= CacheTtlSecondsMax),
                    $"{where}, container '{container.Name}': cacheTtlSeconds must be from 0 to {CacheTtlSecondsMax}.",
                    faults);
            }
        }
    }

    private static void CheckName(string name, string where, List<string> faults) => Require(
        name.Length is > 0 and <= NameLengthMax && name.All(c => c is > ' ' and <= '~'),
        $"{where}: a name has 1 to {NameLengthMax} visible ASCII characters.",
        faults);

    private static void CheckUnique(
        IEnumerable<string> names, IEnumerable<ushort> ids, string where, List<string> faults)
    {
        foreach (var name in names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add($"{where}: the name '{name.Key}' stands there {name.Count()} times.");
        }

        foreach (var id in ids.GroupBy(i => i).Where(g => g.Count() > 1))
        {
            faults.Add($"{where}: the id {id.Key} stands there {id.Count()} times.");
        }
    }

    private static bool IsLoopback(string host) => host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOrigin(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        && parsed.Scheme is "http" or "https"
        && parsed.GetLeftPart(UriPartial.Authority).Equals(url.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static void Require(bool holds, string fault, List<string> faults)
    {
        if (!holds)
        {
            faults.Add(fault);
        }
    }
}
