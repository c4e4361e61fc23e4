namespace Ambry.Protocol;

/// <summary>Where unique ids come from: random in production, seeded under simulation. Thread safe.</summary>
public interface IIdSource
{
    /// <summary>128 random bits that nothing else was given.</summary>
    Guid NextId();

    /// <summary>A number in [0, <paramref name="exclusiveMax"/>), for choices and jitter.</summary>
    int NextInt(int exclusiveMax);
}
