namespace Ambry.Metadata.Engine;

/// <summary>
/// Waits for asynchronous disk work on the engine's own thread. LiteDB calls its streams synchronously, and that thread
/// exists to be blocked: nothing else runs on it, and the disk never needs it to finish. Used nowhere else.
/// </summary>
internal static class BlockingIo
{
    public static T Wait<T>(ValueTask<T> work)
    {
#pragma warning disable RS0030 // LiteDB's stream calls are synchronous; the engine's thread is dedicated to them.
        return work.AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
    }

    public static void Wait(ValueTask work)
    {
#pragma warning disable RS0030 // LiteDB's stream calls are synchronous; the engine's thread is dedicated to them.
        work.AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
    }
}
