namespace Ambry.Router;

/// <summary>
/// Bytes of a budget that were taken ahead of need. <paramref name="callBack"/> is called at most once, without a lock,
/// when others need them: it has to see to it that they are released soon.
/// </summary>
internal sealed class AheadReservation(int bytes, Action callBack)
{
    public int Bytes { get; } = bytes;

    /// <summary>The budget's, guarded by its lock: null unless the bytes can be called back.</summary>
    public LinkedListNode<AheadReservation>? Node { get; set; }

    public void CallBack() => callBack();
}
