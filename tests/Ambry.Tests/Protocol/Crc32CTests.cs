using System.Text;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Protocol;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_polynomial_is_met()
    {
        Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")).ShouldBe(0xE3069283u);
        Crc32C.Compute(new byte[32]).ShouldBe(0x8A9136AAu);
        Crc32C.Compute([]).ShouldBe(0u);
    }

    [Fact]
    public void Every_length_agrees_with_a_bitwise_computation()
    {
        byte[] data = Bytes(2200);
        for (int length = 0; length <= data.Length; length++)
        {
            Crc32C.Compute(data.AsSpan(0, length)).ShouldBe(Bitwise(data.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(5000)]
    [InlineData(69_999)]
    [InlineData(70_000)]
    public void Append_and_combine_equal_one_pass_for_a_cut_anywhere(int cut)
    {
        byte[] data = Bytes(70_000);
        uint whole = Crc32C.Compute(data);
        uint head = Crc32C.Compute(data.AsSpan(0, cut));
        Crc32C.Append(head, data.AsSpan(cut)).ShouldBe(whole);
        Crc32C.Combine(head, Crc32C.Compute(data.AsSpan(cut)), data.Length - cut).ShouldBe(whole);
    }

    [Fact]
    public void Combine_takes_lengths_beyond_four_gibibytes()
    {
        const long half = 5L << 30;
        uint tail = Crc32C.Compute("tail"u8);
        uint once = Crc32C.Combine(Crc32C.Combine(1234, 0, half), tail, 4);
        uint split = Crc32C.Combine(Crc32C.Combine(Crc32C.Combine(1234, 0, half - 7), 0, 7), tail, 4);
        split.ShouldBe(once);
    }

    private static byte[] Bytes(int count)
    {
        var data = new byte[count];
        new Random(20).NextBytes(data);
        return data;
    }

    private static uint Bitwise(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
