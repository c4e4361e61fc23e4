using Ambry.S3.Xml;

namespace Ambry.Gateway.Operations;

/// <summary>How owners are shown.</summary>
internal static class Owners
{
    public static XmlOwner Show(string id, GatewayOptions options) =>
        new(id, string.Equals(id, options.OwnerId, StringComparison.Ordinal) ? options.OwnerDisplayName : id);
}
