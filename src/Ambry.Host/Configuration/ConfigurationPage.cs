using System.Text;

namespace Ambry.Host.Configuration;

/// <summary>Writes docs/configuration.md out of the keys. Pure.</summary>
internal static class ConfigurationPage
{
    public static string Render()
    {
        var page = new StringBuilder();
        page.Append("# Configuration\n\n");
        page.Append("`ambry dev` has no file: `ambry dev --help` lists its options. `ambry server --config node.json` reads\n");
        page.Append("one JSON object with the keys below, a dot standing for an object in an object. Everything that is\n");
        page.Append("wrong with it, unknown keys too, is listed at once, nothing is opened, and the exit code is 1. A key\n");
        page.Append("that is `null` counts as left out; relative paths start where the file lies. Bytes are written\n");
        page.Append("`\"64MiB\"`, durations `\"30s\"`, `\"12h\"`, `\"7d\"`.\n\n");
        page.Append("The S3 root keys come from `AMBRY_ACCESS_KEY` and `AMBRY_SECRET_KEY`, else from `credentials.json` in\n");
        page.Append("`dataDir`, made at the first start.\n\n");
        page.Append("This page is generated from the keys and compared with them in a test; to write it anew, run the\n");
        page.Append("architecture tests with `AMBRY_UPDATE_DOCS=1`.\n\n");
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
