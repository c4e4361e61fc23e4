using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Replication;

/// <summary>
/// The file in a store's folder that remembers the tokens. Losing it costs pulling everything once more, no data: so a
/// file that is missing, damaged or of a replaced store reads as none. Not thread safe: one replication worker.
/// </summary>
public sealed class TokenFile(IDisk disk, string folder, BlobStore store, ILogger logger)
{
    public const string FileName = "replica.tokens";

    private readonly string _path = $"{folder}/{FileName}";
    private ReplicaTokens? _written;

    /// <summary>What was remembered; no peers when there is nothing that can be used.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public async ValueTask<ReplicaTokens> LoadAsync(CancellationToken token)
    {
        var none = new ReplicaTokens(store.IncarnationId, []);
        byte[]? bytes;
        try
        {
            bytes = await disk.TryReadAllAsync(_path, ReplicaTokens.MaxEncodedLength, token);
        }
        catch (InvalidDataException)
        {
            Log.TokensDamaged(logger, _path);
            return none;
        }

        if (bytes is null)
        {
            return none;
        }

        if (ReplicaTokens.TryRead(bytes) is not { } tokens)
        {
            Log.TokensDamaged(logger, _path);
            return none;
        }

        if (tokens.Incarnation != store.IncarnationId)
        {
            Log.TokensOfAnotherStore(logger, _path, tokens.Incarnation);
            return none;
        }

        _written = tokens;
        return tokens;
    }

    /// <summary>
    /// Log, then index, then tokens: makes what has been pulled durable, in every mode of durability, and then
    /// remembers how far that is. Nothing is written when nothing moved, or when the store could not sync.
    /// </summary>
    /// <returns>The store's answer; tokens are kept only with None.</returns>
    /// <exception cref="IOException">The token file could not be written; the older one stands.</exception>
    public async ValueTask<StoreError> CheckpointAsync(
        IReadOnlyDictionary<DataNodeId, TokenProgress> pulled, PeerProgress peers, CancellationToken token)
    {
        long lsn = store.LastLsn;
        StoreError synced = await store.FlushIndexAsync(token);
        if (synced != StoreError.None)
        {
            return synced;
        }

        foreach (TokenProgress progress in pulled.Values)
        {
            progress.OnDurable(lsn);
        }

        ReplicaTokens tokens = peers.ToPersist(pulled.ToDictionary(pair => pair.Key, pair => pair.Value.Durable));
        if (_written is null || !_written.Peers.ToHashSet().SetEquals(tokens.Peers))
        {
            await disk.WriteAtomicAsync(_path, tokens.Encode(), token);
            _written = tokens;
        }

        return StoreError.None;
    }
}
