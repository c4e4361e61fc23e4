using System.Buffers.Binary;
using Ambry.Protocol;
using Ambry.Replication;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Replication;

public class ReplicaTokensTests
{
    private static readonly Guid Own = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid Other = new("ff112233-4455-6677-8899-aabbccddeeff");

    private static readonly Gen<FindToken> GenToken =
        Gen.Select(Gen.Guid, Gen.Long[0, long.MaxValue], (id, lsn) => new FindToken(id, lsn));

    private static readonly Gen<PeerTokens> GenPeer = Gen.Select(
        Gen.String[Gen.Char.AlphaNumeric, 1, 40],
        Gen.Int[1, 65_535],
        GenToken,
        GenToken,
        (host, port, pulled, passed) => new PeerTokens(new DataNodeId(host, port), pulled, passed));

    [Fact]
    public void Any_tokens_read_back() =>
        Gen.Select(Gen.Guid, GenPeer.Array[0, 20]).Sample((own, peers) =>
        {
            var tokens = new ReplicaTokens(own, [.. peers.DistinctBy(peer => peer.Peer)]);

            ReplicaTokens? read = ReplicaTokens.TryRead(tokens.Encode());

            read.ShouldNotBeNull().Incarnation.ShouldBe(own);
            read.Peers.ShouldBe(tokens.Peers, ignoreOrder: true);
            read.Encode().ShouldBe(tokens.Encode());
        });

    [Fact]
    public void The_bytes_never_change()
    {
        byte[] file = Sample().Encode();

        Convert.ToHexString(file[..40]).ShouldBe(
            "414D425259544F4B" + "0100" + "0000" + "02000000" + "00112233445566778899AABBCCDDEEFF"
            + "0B1A" + "05" + "00" + "01000000");
        file.Length.ShouldBe(32 + 68 + 5 + 68 + 6 + 4);
        file[(32 + 68)..(32 + 68 + 5)].ShouldBe("node1"u8.ToArray());
        BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(^4)).ShouldBe(Crc32C.Compute(file.AsSpan(..^4)));
    }

    [Fact]
    public void No_prefix_no_longer_file_and_no_changed_byte_is_read()
    {
        byte[] file = Sample().Encode();
        for (int i = 0; i < file.Length; i++)
        {
            ReplicaTokens.TryRead(file.AsSpan(0, i)).ShouldBeNull($"prefix of {i}");
            for (int bit = 0; bit < 8; bit++)
            {
                file[i] ^= (byte)(1 << bit);
                ReplicaTokens.TryRead(file).ShouldBeNull($"byte {i}");
                file[i] ^= (byte)(1 << bit);
            }
        }

        ReplicaTokens.TryRead([.. file, 0]).ShouldBeNull();
        ReplicaTokens.TryRead(file).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(10, 1)]
    [InlineData(12, 3)]
    [InlineData(12, 1)]
    [InlineData(15, 0x80)]
    [InlineData(34, 0)]
    [InlineData(34, 200)]
    [InlineData(35, 1)]
    [InlineData(100, 0xFF)]
    [InlineData(100, (byte)'z')]
    public void A_valid_checksum_does_not_make_nonsense_tokens(int at, byte value)
    {
        byte[] file = Sample().Encode();
        file[at] = value;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(^4), Crc32C.Compute(file.AsSpan(..^4)));

        ReplicaTokens.TryRead(file).ShouldBeNull();
    }

    [Fact]
    public void What_cannot_be_kept_is_refused()
    {
        PeerTokens peer = Sample().Peers[0];
        var longHost = peer with { Peer = new DataNodeId(new string('h', 256), 1) };
        PeerTokens[] many = [.. Enumerable.Range(1, ReplicaTokens.MaxPeers + 1)
            .Select(port => peer with { Peer = new DataNodeId("h", port) })];

        Should.Throw<ArgumentException>(() => new ReplicaTokens(Own, [peer, peer]).Encode());
        Should.Throw<ArgumentException>(() => new ReplicaTokens(Own, [longHost]).Encode());
        Should.Throw<ArgumentException>(() => new ReplicaTokens(Own, many).Encode());
        ReplicaTokens.TryRead(new ReplicaTokens(Own, many[1..]).Encode())!.Peers.Count
            .ShouldBe(ReplicaTokens.MaxPeers);
    }

    private static ReplicaTokens Sample() => new(
        Own,
        [
            new PeerTokens(new DataNodeId("node10", 6667), FindToken.Start, new FindToken(Own, 12)),
            new PeerTokens(new DataNodeId("node1", 6667), new FindToken(Other, 77), new FindToken(Own, 70)),
        ]);
}
