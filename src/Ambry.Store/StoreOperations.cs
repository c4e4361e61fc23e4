namespace Ambry.Store;

/// <summary>Names of operations in metrics: a closed set.</summary>
internal static class StoreOperations
{
    public const string Put = "put";
    public const string Get = "get";
    public const string Delete = "delete";
    public const string UpdateTtl = "update_ttl";
    public const string Undelete = "undelete";
    public const string Apply = "apply";
    public const string Repair = "repair";
}
