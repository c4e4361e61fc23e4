using Shouldly;

namespace Ambry.Tests.Network;

/// <summary>Waits for what another thread or the kernel brings about, without measuring time by naps.</summary>
internal static class Eventually
{
    public static async Task ShouldBeTrueAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            (TimeProvider.System.GetElapsedTime(start) < NetworkKit.Patience).ShouldBeTrue(what);
            await Task.Yield();
        }
    }

    /// <summary>Ends a test that would wait for ever.</summary>
    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(NetworkKit.Patience);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(NetworkKit.Patience);

    public static Task<T> InTimeAsync<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(NetworkKit.Patience);
}
