namespace Ambry.Network;

/// <summary>The other end does not speak the protocol, or bytes were damaged: the connection is of no use.</summary>
internal sealed class ProtocolException(string message) : IOException(message);
