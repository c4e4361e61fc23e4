namespace Ambry.Network;

/// <summary>A frame on its way out, with the content that follows it.</summary>
internal abstract class OutgoingFrame
{
    /// <summary>Sealed. Released by the output.</summary>
    public EncodedFrame Head { get; protected set; }

    /// <summary>
    /// Asked right before the frame is written, which it is, with all that follows, when this says true. From then to
    /// <see cref="EndWrite"/> the content's memory is in use.
    /// </summary>
    public virtual bool TryBeginWrite() => true;

    /// <summary>Writes what follows the frame.</summary>
    public virtual ValueTask WriteContentAsync(FrameSink sink) => ValueTask.CompletedTask;

    /// <summary>Called once for each frame that was handed to an output, written or not.</summary>
    public abstract void EndWrite();

    public void ReleaseHead()
    {
        EncodedFrame head = Head;
        Head = default;
        head.Release();
    }
}
