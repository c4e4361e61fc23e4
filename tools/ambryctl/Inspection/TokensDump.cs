using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;

namespace Ambry.Control;

/// <summary>Prints what a replica remembers of its peers, or a single token.</summary>
internal sealed class TokensDump(ControlStreams io, bool json)
{
    /// <returns>1 when the bytes are neither.</returns>
    public async Task<int> RunAsync(IDisk disk, string path, string shown, CancellationToken token)
    {
        byte[] bytes;
        try
        {
            bytes = await disk.TryReadAllAsync(path, ReplicaTokens.MaxEncodedLength, token)
                ?? throw new UsageException($"'{shown}' is no file of tokens: there is none.");
        }
        catch (InvalidDataException)
        {
            throw new UsageException(
                $"'{shown}' is no file of tokens: it is larger than {ReplicaTokens.MaxEncodedLength} bytes.");
        }

        if (bytes.Length == FindToken.EncodedLength && FindToken.TryRead(bytes, out FindToken single))
        {
            await io.Output.WriteLineAsync(json
                ? Words.ToJson(new { Type = "token", single.Incarnation, single.Lsn })
                : $"token: {Describe(single)}");
            return 0;
        }

        if (ReplicaTokens.TryRead(bytes) is not { } tokens)
        {
            await io.Error.WriteLineAsync(
                $"ambryctl: '{shown}' is damaged or no file of tokens. A store without one reads its peers from their "
                + "start; the file can be removed.");
            return ControlLine.Failed;
        }

        await PrintAsync(tokens);
        return 0;
    }

    private async Task PrintAsync(ReplicaTokens tokens)
    {
        if (!json)
        {
            await io.Output.WriteLineAsync(
                $"tokens of store {tokens.Incarnation}: {Words.Count(tokens.Peers.Count, "peer")}");
        }

        foreach (PeerTokens peer in tokens.Peers)
        {
            await io.Output.WriteLineAsync(json
                ? Words.ToJson(new
                {
                    Type = "peer",
                    Store = tokens.Incarnation,
                    Peer = peer.Peer.ToString(),
                    PulledIncarnation = peer.Pulled.Incarnation,
                    PulledLsn = peer.Pulled.Lsn,
                    PassedIncarnation = peer.Passed.Incarnation,
                    PassedLsn = peer.Passed.Lsn,
                })
                : $"{peer.Peer}: pulled {Describe(peer.Pulled)}; has passed {Describe(peer.Passed)}");
        }
    }

    private static string Describe(FindToken token) => token == FindToken.Start
        ? "nothing"
        : $"LSN {token.Lsn} of store {token.Incarnation}";
}
