namespace Ambry.ClusterMap;

/// <summary>
/// The newest cluster view that this process knows. Readers take <see cref="Current"/> once an operation and keep it to
/// its end. Thread safe: a version only ever rises.
/// </summary>
public sealed class LiveClusterMap(ClusterView first)
{
    private readonly Lock _gate = new();
    private volatile ClusterView _current = first;

    public ClusterView Current => _current;

    /// <summary>
    /// Takes a view over; false when it is not newer than the one that is known.
    /// </summary>
    public bool TryAdvance(ClusterView next)
    {
        lock (_gate)
        {
            if (next.Layout.Version <= _current.Layout.Version)
            {
                return false;
            }

            _current = next;
            return true;
        }
    }
}
