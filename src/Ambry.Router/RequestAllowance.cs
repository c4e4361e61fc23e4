namespace Ambry.Router;

/// <summary>
/// A token bucket filled by requests, not by time: what is added to the load stays a share of it, however high it is.
/// Thread safe.
/// </summary>
internal sealed class RequestAllowance(double share, int burst)
{
    private readonly Lock _gate = new();
    private double _tokens = burst;

    public void Earn()
    {
        lock (_gate)
        {
            _tokens = Math.Min(_tokens + share, burst);
        }
    }

    public bool TrySpend()
    {
        lock (_gate)
        {
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    /// <summary>Gives back what was not used after all.</summary>
    public void Refund()
    {
        lock (_gate)
        {
            _tokens = Math.Min(_tokens + 1, burst);
        }
    }
}
