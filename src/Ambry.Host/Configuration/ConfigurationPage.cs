using System.Text;

namespace Ambry.Host.Configuration;

/// <summary>Writes docs/configuration.md out of the keys. Pure.</summary>
internal static class ConfigurationPage
{
    private const string Introduction = """
        `ambry dev` has no file: `ambry dev --help` lists its options. `ambry server --config node.json` reads one JSON
        object with the keys below, a dot standing for an object in an object. Everything that is wrong with it, unknown
        keys too, is listed at once, nothing is opened, and the exit code is 1. A key that is `null` counts as left out;
        relative paths start where the file lies. Bytes are written `"64MiB"`, durations `"30s"`, `"12h"`, `"7d"`.

        The S3 root keys come from `AMBRY_ACCESS_KEY` and `AMBRY_SECRET_KEY`, else from `credentials.json` in `dataDir`,
        made at the first start. `AMBRY_ADMIN_TOKEN` takes the place of `adminToken`.

        This page is generated from the keys and compared with them in a test; to write it anew, run the architecture
        tests with `AMBRY_UPDATE_DOCS=1`.


        """;

    public static string Render()
    {
        var page = new StringBuilder();
        page.Append("# Configuration\n\n");
        page.Append(Introduction);
        page.Append("| Key | Type | Default | Range | Meaning |\n|---|---|---|---|---|\n");
        foreach (SettingsKey key in ServerSettings.All)
        {
            page.Append("| `").Append(key.Name).Append("` | ").Append(key.Type).Append(" | ")
                .Append(key.Default is null ? "–" : $"`{key.Default}`").Append(" | ")
                .Append(key.Range).Append(" | ").Append(key.Meaning).Append(" |\n");
        }

        return page.ToString();
    }
}
