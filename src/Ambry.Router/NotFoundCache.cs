using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Ids that enough replicas testified to be absent a moment ago: who asks again and again is answered from here. What
/// this router put itself is never kept: a read that began before the put may end after it. Thread safe; bounded.
/// </summary>
internal sealed class NotFoundCache(RouterOptions options, TimeProvider time)
{
    private readonly RecentIds _absent = new(options.NotFoundCacheCapacity, options.NotFoundCacheTime, time);
    private readonly RecentIds _put = new(options.NotFoundCacheCapacity, options.NotFoundCacheTime, time);

    public bool Contains(BlobId id) => _absent.Contains(id) && !_put.Contains(id);

    /// <summary>Only for what nobody has: one that was deleted is told from one answer, and may be undeleted.</summary>
    public void Add(BlobId id)
    {
        if (!_put.Contains(id))
        {
            _absent.Add(id);
        }
    }

    public void OnPut(BlobId id)
    {
        _put.Add(id);
        _absent.Remove(id);
    }

    public void OnUndeleted(BlobId id) => _absent.Remove(id);
}
