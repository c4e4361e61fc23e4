using System.Buffers.Binary;
using System.Text;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>What a replica remembers about one peer across a restart. Immutable.</summary>
/// <param name="Pulled">How far this replica has pulled from the peer; everything it covers is durable here.</param>
/// <param name="Passed">
/// How far the peer has pulled from this replica, durably there, as it last said; <see cref="FindToken.Start"/> when it
/// never asked.
/// </param>
public readonly record struct PeerTokens(DataNodeId Peer, FindToken Pulled, FindToken Passed);

/// <summary>
/// The content of a replica's token file: for one incarnation of its store, the tokens of each peer, in order of host
/// and port, no peer twice. One encoding for a value. Layout: docs/formats.md, "Find token". Immutable.
/// </summary>
/// <param name="Incarnation">
/// Of the replica's own store. A store that was replaced has none of the data that the tokens speak of.
/// </param>
public sealed record ReplicaTokens(Guid Incarnation, IReadOnlyList<PeerTokens> Peers)
{
    /// <summary>Far more than a partition has replicas; a count above it is damage.</summary>
    public const int MaxPeers = 1024;

    /// <summary>Bytes of a peer's host name, as long as a name of DNS may be.</summary>
    public const int MaxHostBytes = 255;

    /// <summary>The largest file.</summary>
    public const int MaxEncodedLength = HeaderBytes + (MaxPeers * (PeerBytes + MaxHostBytes)) + ChecksumBytes;

    private const int HeaderBytes = 32;
    private const int PeerBytes = 4 + (2 * FindToken.EncodedLength);
    private const int ChecksumBytes = sizeof(uint);
    private const ushort Version = 1;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Magic => "AMBRYTOK"u8;

    /// <summary>Reads a whole file; null when its bytes are not exactly one that this version writes.</summary>
    public static ReplicaTokens? TryRead(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderBytes + ChecksumBytes || file.Length > MaxEncodedLength || !file.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(file[8..]) != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(file[10..]) != 0
            || BinaryPrimitives.ReadUInt32LittleEndian(file[^ChecksumBytes..])
                != Crc32C.Compute(file[..^ChecksumBytes]))
        {
            return null;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(file[12..]);
        ReadOnlySpan<byte> rest = file[HeaderBytes..^ChecksumBytes];
        if (count > MaxPeers || TryReadPeers(ref rest, (int)count) is not { } peers || !rest.IsEmpty)
        {
            return null;
        }

        return new ReplicaTokens(new Guid(file.Slice(16, 16), bigEndian: true), peers);
    }

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="ArgumentException">Too many peers, one twice, or a host that is no host's name.</exception>
    public byte[] Encode()
    {
        if (Peers.Count > MaxPeers)
        {
            throw new ArgumentException($"{Peers.Count} peers; {MaxPeers} fit.");
        }

        PeerTokens[] ordered = [.. Peers.Order(PeerOrder.Instance)];
        byte[][] hosts = [.. ordered.Select(peer => EncodeHost(peer.Peer))];
        byte[] file = new byte[HeaderBytes + (ordered.Length * PeerBytes) + hosts.Sum(host => host.Length)
            + ChecksumBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), ordered.Length);
        Incarnation.TryWriteBytes(file.AsSpan(16, 16), bigEndian: true, out _);
        Span<byte> rest = file.AsSpan(HeaderBytes);
        for (int i = 0; i < ordered.Length; i++)
        {
            if (i > 0 && ordered[i].Peer == ordered[i - 1].Peer)
            {
                throw new ArgumentException($"The peer {ordered[i].Peer} is there twice.");
            }

            WritePeer(ref rest, ordered[i], hosts[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(rest, Crc32C.Compute(file.AsSpan(0, file.Length - ChecksumBytes)));
        return file;
    }

    private static byte[] EncodeHost(DataNodeId peer)
    {
        byte[] host = Utf8.GetBytes(peer.Host);
        return host.Length is > 0 and <= MaxHostBytes && peer.Port is > 0 and <= ushort.MaxValue
            ? host
            : throw new ArgumentException($"'{peer}' is not a host and port that can be kept.");
    }

    private static void WritePeer(ref Span<byte> rest, in PeerTokens peer, byte[] host)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)peer.Peer.Port);
        rest[2] = (byte)host.Length;
        peer.Pulled.Write(rest[4..]);
        peer.Passed.Write(rest[(4 + FindToken.EncodedLength)..]);
        host.CopyTo(rest[PeerBytes..]);
        rest = rest[(PeerBytes + host.Length)..];
    }

    private static PeerTokens[]? TryReadPeers(ref ReadOnlySpan<byte> rest, int count)
    {
        var peers = new PeerTokens[count];
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPeer(ref rest, out peers[i])
                || (i > 0 && PeerOrder.Instance.Compare(peers[i - 1], peers[i]) >= 0))
            {
                return null;
            }
        }

        return peers;
    }

    private static bool TryReadPeer(ref ReadOnlySpan<byte> rest, out PeerTokens peer)
    {
        peer = default;
        if (rest.Length < PeerBytes || rest[3] != 0 || rest[2] == 0 || rest.Length < PeerBytes + rest[2]
            || !FindToken.TryRead(rest[4..], out FindToken pulled)
            || !FindToken.TryRead(rest[(4 + FindToken.EncodedLength)..], out FindToken passed))
        {
            return false;
        }

        int port = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        ReadOnlySpan<byte> host = rest.Slice(PeerBytes, rest[2]);
        if (port == 0 || !System.Text.Unicode.Utf8.IsValid(host))
        {
            return false;
        }

        peer = new PeerTokens(new DataNodeId(Utf8.GetString(host), port), pulled, passed);
        rest = rest[(PeerBytes + host.Length)..];
        return true;
    }

    private sealed class PeerOrder : IComparer<PeerTokens>
    {
        public static readonly PeerOrder Instance = new();

        public int Compare(PeerTokens x, PeerTokens y)
        {
            int byHost = string.CompareOrdinal(x.Peer.Host, y.Peer.Host);
            return byHost != 0 ? byHost : x.Peer.Port.CompareTo(y.Peer.Port);
        }
    }
}
