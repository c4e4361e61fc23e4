using System.Text.Json;
using System.Text.Json.Serialization;
using Ambry.Host.Handles;

namespace Ambry.Host.Configuration;

/// <summary>Reads accounts of the handle API as they stand in a configuration file. Pure.</summary>
internal static class HandleAccountsReader
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Their form alone; what is wrong between them is found by <see cref="HandleOptionsRules"/>.</summary>
    public static bool TryRead(JsonElement element, out IReadOnlyList<HandleAccount>? value, out string fault)
    {
        value = null;
        fault = "must be a list of {\"name\", \"id\", \"containers\": [{\"name\", \"id\", …}]}";
        try
        {
            value = element.Deserialize<List<HandleAccount>>(Strict);
            return value is not null;
        }
        catch (JsonException wrong)
        {
            fault += $" ({wrong.Message})";
            return false;
        }
    }
}
