using Microsoft.Extensions.Logging;

namespace Ambry.Store.Index;

/// <summary>What every part of a store's index works with.</summary>
/// <param name="Store">The store's name in log lines.</param>
internal sealed record IndexServices(IndexFolder Folder, IndexLimits Limits, ILogger Logger, string Store);
