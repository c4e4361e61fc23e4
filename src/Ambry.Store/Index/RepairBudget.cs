namespace Ambry.Store.Index;

/// <summary>
/// How many damaged files one look-up makes anew before it gives up: on a disk that spoils what it is given there would
/// be no end. Used by one task.
/// </summary>
internal sealed class RepairBudget
{
    private int _left = 4;

    public bool TryTake() => _left-- > 0;
}
