using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

public class LogRecordStartTests
{
    private static readonly byte[][] Parts = [Bytes(1, 10), Bytes(2, 20), Bytes(3, 30), Bytes(4, 40)];

    [Fact]
    public async Task A_read_holds_the_parts_that_lie_wholly_within_it()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        AppendedRecord record = await AppendAsync(log);
        int[] ends = [64 + 10, 64 + 30, 64 + 60, 64 + 100];
        for (int length = 64; length <= 200; length++)
        {
            LogRecordStart start = await log.ReadStartAsync(record.Position, new byte[length], default);
            start.Header.Lsn.ShouldBe(record.Lsn);
            start.Position.ShouldBe(record.Position);
            for (int part = 0; part < Parts.Length; part++)
            {
                start.Holds(part).ShouldBe(length >= ends[part], $"part {part} in {length} bytes");
                if (start.Holds(part))
                {
                    start.Part(part).ToArray().ShouldBe(Parts[part]);
                }
            }
        }
    }

    [Fact]
    public async Task A_flipped_bit_spoils_the_part_that_it_is_in_and_in_the_header_the_record()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        AppendedRecord record = await AppendAsync(log);
        int[] starts = [64, 64 + 10, 64 + 30, 64 + 60];
        for (int damaged = 0; damaged < Parts.Length; damaged++)
        {
            disk.FlipBit(Segment(0), (int)record.Position.Offset + starts[damaged] + 3, 2);
            LogRecordStart start = await log.ReadStartAsync(record.Position, new byte[500], default);
            for (int part = 0; part < Parts.Length; part++)
            {
                if (part <= damaged)
                {
                    Should.Throw<CorruptRecordException>(() => start.Part(part));
                }
                else
                {
                    start.Part(part).ToArray().ShouldBe(Parts[part]);
                }
            }
        }

        disk.FlipBit(Segment(0), (int)record.Position.Offset + 9, 0);
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.ReadStartAsync(record.Position, new byte[500], default));
    }

    [Fact]
    public async Task A_read_that_reaches_beyond_the_segment_brings_what_there_is()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        AppendedRecord record = await AppendAsync(log);
        LogRecordStart start = await log.ReadStartAsync(
            record.Position, new byte[AppendLogOptions.MinSegmentBytes * 2], default);
        start.Bytes.Length.ShouldBeLessThan((int)AppendLogOptions.MinSegmentBytes);
        start.Part(3).ToArray().ShouldBe(Parts[3]);
    }

    [Fact]
    public async Task A_position_without_a_record_is_damage()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        AppendedRecord record = await AppendAsync(log);
        LogPosition beside = record.Position with { Offset = record.Position.Offset + 8 };
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.ReadStartAsync(beside, new byte[200], default));
    }

    private static async Task<AppendedRecord> AppendAsync(AppendLog log) =>
        await log.AppendAsync(new LogAppend(1, Parts[0], Parts[1], Parts[2], Parts[3]), default);
}
