using Ambry.Protocol;

namespace Ambry.Testing.Peers;

/// <summary>Ids and choices from a seed. Thread safe.</summary>
public sealed class SequentialIds(int seed) : IIdSource
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate)
        {
            _random.NextBytes(bytes);
        }

        return new Guid(bytes);
    }

    public int NextInt(int exclusiveMax)
    {
        lock (_gate)
        {
            return _random.Next(exclusiveMax);
        }
    }
}
