using System.Security.Cryptography;

namespace Ambry.Protocol;

/// <summary>Ids from the operating system's random generator. Thread safe.</summary>
public sealed class RandomIdSource : IIdSource
{
    public Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new Guid(bytes);
    }

    public int NextInt(int exclusiveMax) => RandomNumberGenerator.GetInt32(exclusiveMax);
}
