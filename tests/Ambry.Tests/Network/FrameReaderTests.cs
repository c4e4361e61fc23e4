using System.Buffers;
using Ambry.Network;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

public class FrameReaderTests
{
    private static readonly byte[] Body = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    [Fact]
    public void Each_prefix_asks_for_more_and_consumes_nothing()
    {
        byte[] bytes = Encode(7, 99, Body);
        for (int length = 0; length < bytes.Length; length++)
        {
            var received = new ReadOnlySequence<byte>(bytes, 0, length);
            FrameReader.TryRead(ref received, out _, out _).ShouldBe(FrameRead.Incomplete);
            received.Length.ShouldBe(length);
        }
    }

    [Fact]
    public void A_frame_split_anywhere_over_two_segments_is_read_and_what_follows_is_left()
    {
        byte[] bytes = [.. Encode(7, 99, Body), 0xAA, 0xBB];
        for (int split = 0; split <= bytes.Length; split++)
        {
            ReadOnlySequence<byte> received = Split(bytes, split);
            FrameReader.TryRead(ref received, out Frame frame, out _).ShouldBe(FrameRead.Whole);
            frame.Header.Type.ShouldBe((byte)7);
            frame.Header.CorrelationId.ShouldBe(99u);
            frame.Body.ToArray().ShouldBe(Body);
            received.ToArray().ShouldBe([0xAA, 0xBB]);
        }
    }

    [Fact]
    public void No_changed_byte_passes_for_the_frame()
    {
        byte[] bytes = Encode(7, 99, Body);
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                var received = new ReadOnlySequence<byte>(changed);
                FrameReader.TryRead(ref received, out _, out FrameError error).ShouldBe(FrameRead.Failed, $"byte {i}");
                error.ShouldBeOneOf(FrameError.NotAFrame, FrameError.Damaged);
                received.Length.ShouldBe(bytes.Length);
            }
        }
    }

    [Fact]
    public void An_empty_body_is_a_frame()
    {
        var received = new ReadOnlySequence<byte>(Encode(1, 2, []));

        FrameReader.TryRead(ref received, out Frame frame, out _).ShouldBe(FrameRead.Whole);

        frame.Body.IsEmpty.ShouldBeTrue();
        received.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(12, 1)]
    [InlineData(15, 0x80)]
    [InlineData(6, 1)]
    [InlineData(7, 1)]
    public void A_length_or_a_reserved_byte_beyond_the_bounds_fails_at_once(int at, byte value)
    {
        byte[] bytes = new byte[FrameHeader.EncodedLength];
        new FrameHeader(FrameHeader.CurrentVersion, 1, 1, FrameHeader.MaxBodyLength, 0).Write(bytes);
        bytes[at] = value;

        Read(Reseal(bytes)).ShouldBe(FrameError.OutOfBounds);
    }

    [Fact]
    public void Another_version_is_told_from_damage()
    {
        byte[] bytes = Encode(1, 1, []);
        bytes[4] = 2;

        Read(Reseal(bytes)).ShouldBe(FrameError.VersionUnknown);
    }

    [Fact]
    public void A_header_beyond_the_bounds_is_not_written()
    {
        var header = new FrameHeader(1, 1, 1, FrameHeader.MaxBodyLength + 1, 0);

        Should.Throw<InvariantViolationException>(() => header.Write(new byte[FrameHeader.EncodedLength]));
    }

    private static FrameError Read(byte[] bytes)
    {
        var received = new ReadOnlySequence<byte>(bytes);
        FrameReader.TryRead(ref received, out _, out FrameError error).ShouldBe(FrameRead.Failed);
        return error;
    }

    private static byte[] Reseal(byte[] header)
    {
        BitConverter.TryWriteBytes(header.AsSpan(20), Crc32C.Compute(header.AsSpan(0, 20)));
        return header;
    }

    private static byte[] Encode(byte type, uint correlationId, byte[] body)
    {
        byte[] bytes = new byte[FrameHeader.EncodedLength + body.Length];
        uint checksum = FrameReader.ChecksumOf(new ReadOnlySequence<byte>(body));
        new FrameHeader(FrameHeader.CurrentVersion, type, correlationId, body.Length, checksum).Write(bytes);
        body.CopyTo(bytes, FrameHeader.EncodedLength);
        return bytes;
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, int at)
    {
        var first = new Segment(bytes.AsMemory(0, at), 0);
        var second = new Segment(bytes.AsMemory(at), at);
        first.Link(second);
        return new ReadOnlySequence<byte>(first, 0, second, bytes.Length - at);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public void Link(Segment next) => Next = next;
    }
}
