namespace Ambry.Host;

/// <summary>When a <see cref="BackgroundLoop"/> pauses after a run that did not fail, and for how long.</summary>
internal readonly record struct LoopPace
{
    private LoopPace(TimeSpan pause, bool pausesAfterWork)
    {
        Pause = pause;
        PausesAfterWork = pausesAfterWork;
    }

    public TimeSpan Pause { get; }

    public bool PausesAfterWork { get; }

    /// <summary>Goes on at once while there is work: for queues, which a run makes shorter.</summary>
    public static LoopPace WhenIdle(TimeSpan pause) => new(pause, pausesAfterWork: false);

    /// <summary>Pauses whatever was done: for periodic work, which traffic makes anew while it runs.</summary>
    public static LoopPace AfterEveryRun(TimeSpan pause) => new(pause, pausesAfterWork: true);
}
