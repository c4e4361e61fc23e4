using System.Globalization;
using System.Text;
using Ambry.Log;

namespace Ambry.Host.Dev;

/// <summary>What `ambry dev` prints once it is ready. Pure.</summary>
internal static class Banner
{
    public static string Render(DevOptions options, RootCredentials credentials, TimeSpan startup)
    {
        var text = new StringBuilder();
        string url = options.Listen.ClientUrl;
        text.AppendLine(CultureInfo.InvariantCulture, $"Ambry.S3 is ready ({startup.TotalMilliseconds:F0} ms).");
        text.AppendLine(CultureInfo.InvariantCulture, $"  S3          {options.Listen.Url}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  Admin       {options.Admin.Url}/health/ready");
        text.AppendLine(CultureInfo.InvariantCulture, $"  Data        {options.DataFolder}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  Durability  {Describe(options.Durability)}");
        string origin = credentials.FromEnvironment
            ? $"from {RootCredentials.AccessKeyVariable} and {RootCredentials.SecretKeyVariable}"
            : $"kept in {Path.Combine(options.DataFolder, RootCredentials.FileName)}";
        text.AppendLine(CultureInfo.InvariantCulture, $"  Root keys   {origin}");
        text.AppendLine();
        text.AppendLine("For the aws CLI, paste:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  export AWS_ENDPOINT_URL={url} AWS_REGION={options.Region}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  export AWS_ACCESS_KEY_ID={credentials.AccessKey}");
        string secret = credentials.FromEnvironment
            ? $"\"${RootCredentials.SecretKeyVariable}\""
            : credentials.SecretKey;
        text.AppendLine(CultureInfo.InvariantCulture, $"  export AWS_SECRET_ACCESS_KEY={secret}");
        text.AppendLine("  aws s3 mb s3://first && aws s3 cp README.md s3://first/");
        return text.ToString();
    }

    private static string Describe(DurabilityMode mode) => mode switch
    {
        DurabilityMode.Group => "group: answered after an fdatasync that concurrent writes share",
        DurabilityMode.Each => "each: answered after an fdatasync of its own",
        _ => "interval: answered from the page cache; a power cut loses the last seconds",
    };
}
