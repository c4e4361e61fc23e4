using Ambry.Protocol;

namespace Ambry.Tests.Samples;

/// <summary>The first id is the incarnation of the store, those after it follow it.</summary>
internal sealed class SampleIds : IIdSource
{
    private int _given;

    public Guid NextId()
    {
        byte[] bytes = SamplesV1.Incarnation.ToByteArray(bigEndian: true);
        bytes[15] += (byte)_given++;
        return new Guid(bytes, bigEndian: true);
    }

    public int NextInt(int exclusiveMax) => 0;
}
