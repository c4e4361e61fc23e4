using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Which blobs of a partition are being fetched from which peer: two peers that are ahead by the same records do not
/// both send them. A claim ends with its fetch, or when it has taken too long. No I/O. Thread safe, under <c>_gate</c>.
/// </summary>
internal sealed class FetchClaims
{
    /// <summary>A peer that sends nothing for so long holds nobody up any longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, (DataNodeId Peer, TimeSpan Until)> _claims = [];

    /// <summary>False when another peer is sending it.</summary>
    public bool TryClaim(BlobId id, DataNodeId peer, TimeSpan now)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue(id, out (DataNodeId Peer, TimeSpan Until) held)
                && held.Peer != peer && now < held.Until)
            {
                return false;
            }

            _claims[id] = (peer, now + Patience);
            return true;
        }
    }

    public void Release(IEnumerable<BlobId> ids, DataNodeId peer)
    {
        lock (_gate)
        {
            foreach (BlobId id in ids)
            {
                if (_claims.TryGetValue(id, out (DataNodeId Peer, TimeSpan Until) held) && held.Peer == peer)
                {
                    _claims.Remove(id);
                }
            }
        }
    }
}
