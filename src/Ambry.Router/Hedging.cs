namespace Ambry.Router;

/// <summary>
/// How many second requests reads may send: one for ten to replicas that are merely slow, one for two when the first
/// counts as hanging. So a cluster that is slow because it has too much to do is not given twice as much; and with
/// three replicas, of which one hangs, every third read finds its second. Thread safe.
/// </summary>
internal sealed class Hedging(RouterOptions options)
{
    private const double HangingShare = 0.5;
    private const int Burst = 10;

    private readonly RequestAllowance _slow = new(options.HedgeShare, Burst);
    private readonly RequestAllowance _hanging = new(HangingShare, 4 * Burst);

    public void OnRequest()
    {
        _slow.Earn();
        _hanging.Earn();
    }

    public bool TrySpend(bool isHanging) => (isHanging ? _hanging : _slow).TrySpend();
}
