using Ambry.Protocol;

namespace Ambry.Gateway.Pipeline;

/// <summary>What names a request in answers and logs.</summary>
/// <param name="RequestId">16 upper-case hex digits.</param>
/// <param name="HostId">Opaque, in Base64.</param>
internal readonly record struct RequestIds(string RequestId, string HostId)
{
    internal static RequestIds Next(IIdSource ids)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = ids.NextId().TryWriteBytes(bytes);
        return new RequestIds(Convert.ToHexString(bytes[..8]), Convert.ToBase64String(bytes));
    }
}
