using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Microsoft.Win32.SafeHandles;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store;

/// <summary>What a lease of content promises, on real files, as only they have handles.</summary>
public sealed class BlobStoreContentTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-lease-").FullName;
    private readonly FileDisk _disk;

    public BlobStoreContentTests()
    {
        _disk = new FileDisk(_root);
    }

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(1, 0, null)]
    [InlineData(300_000, 0, null)]
    [InlineData(300_000, 65_536, 65_536)]
    [InlineData(300_000, 100_000, 50_000)]
    [InlineData(300_000, 299_999, 1)]
    [InlineData(300_000, 299_999, 100)]
    [InlineData(300_000, 400_000, 100)]
    [InlineData(300_000, 10, 0)]
    [InlineData(4 * 1024 * 1024, 0, null)]
    public async Task A_lease_covers_the_blocks_around_the_range_and_tells_them_from_others(
        int size, int offset, int? length)
    {
        byte[] content = StoreKit.Content(size, size);
        await using BlobStore store = await StoreKit.OpenAsync(_disk);
        (await StoreKit.PutAsync(store, 1, content)).ShouldBe(StoreError.None);
        (await StoreKit.PutAsync(store, 2, StoreKit.Content(9, 70_000))).ShouldBe(StoreError.None);

        using ContentLease lease = await store.OpenContentAsync(
            new GetBlobRequest(StoreKit.Id(1), offset, length), default);

        lease.Error.ShouldBe(StoreError.None);
        lease.Properties!.SizeBytes.ShouldBe(size);
        lease.UserMetadata.ToArray().ShouldBe(StoreKit.Content(1_000_001, 1));
        byte[] leased = Read(lease);
        lease.Verify(leased).ShouldBeTrue();
        int start = Math.Min(offset, size);
        int expected = Math.Min(length ?? size, size - start);
        lease.RangeLength.ShouldBe(expected);
        leased.AsSpan(lease.RangeOffset, expected).SequenceEqual(content.AsSpan(start, expected)).ShouldBeTrue();
        if (leased.Length > 0)
        {
            leased[^1] ^= 1;
            lease.Verify(leased).ShouldBeFalse();
            lease.Verify(leased.AsSpan(1)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task What_a_read_refuses_a_lease_refuses()
    {
        await using BlobStore store = await StoreKit.OpenAsync(_disk);
        await StoreKit.PutAsync(store, 1, StoreKit.Content(1, 10));
        await StoreKit.PutAsync(store, 2, StoreKit.Content(2, 10));
        await StoreKit.DeleteAsync(store, 1);

        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(1)))).ShouldBe(StoreError.Deleted);
        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(3)))).ShouldBe(StoreError.NotFound);
        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(2), -1))).ShouldBe(StoreError.BadRequest);
        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(2)))).ShouldBe(StoreError.None);
        await store.DisposeAsync();
        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(2)))).ShouldBe(StoreError.Unavailable);
    }

    [Fact]
    public async Task Damaged_metadata_is_found_here_and_damaged_content_by_the_receiver()
    {
        byte[] content = StoreKit.Content(5, 100_000);
        await using BlobStore store = await StoreKit.OpenAsync(_disk);
        await store.PutAsync(
            StoreKit.Put(1, content) with { UserMetadata = StoreKit.Content(6, 400) }, default);
        string path = Directory.GetFiles(Path.Combine(_root, StoreKit.Folder, "log")).Single();
        Flip(path, StoreKit.Content(6, 400));
        (await ErrorOfAsync(store, new GetBlobRequest(StoreKit.Id(1)))).ShouldBe(StoreError.Corrupt);
        Flip(path, StoreKit.Content(6, 400), undo: true);
        Flip(path, content);

        using ContentLease lease = await store.OpenContentAsync(new GetBlobRequest(StoreKit.Id(1)), default);
        lease.Error.ShouldBe(StoreError.None);
        lease.Verify(Read(lease)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_lease_outlives_its_store_and_the_name_of_its_file()
    {
        byte[] content = StoreKit.Content(5, 100_000);
        await using BlobStore store = await StoreKit.OpenAsync(_disk);
        await StoreKit.PutAsync(store, 1, content);
        ContentLease lease = await store.OpenContentAsync(new GetBlobRequest(StoreKit.Id(1)), default);
        SafeFileHandle handle = lease.Handle!;
        await store.DisposeAsync();
        Directory.Delete(Path.Combine(_root, StoreKit.Folder, "log"), recursive: true);

        Read(lease).ShouldBe(content);
        lease.Dispose();
        handle.IsClosed.ShouldBeTrue();
        lease.Dispose();
    }

    [Fact]
    public async Task A_held_segment_is_readable_after_its_truncation_and_closed_with_the_last_hold()
    {
        var options = new AppendLogOptions { SegmentBytes = 64 * 1024 };
        await using AppendLog log = await AppendLog.OpenAsync(
            _disk, "log", options, TimeProvider.System, null, default);
        byte[] bytes = StoreKit.Content(1, 50_000);
        LogPosition first = (await log.AppendAsync(new LogAppend(1, bytes), default)).Position;
        await log.AppendAsync(new LogAppend(1, bytes), default);
        LogRecordHeader header = await log.ReadHeaderAsync(first, default);
        LogHold hold = log.Hold(first);
        LogHold second = log.Hold(first);
        await log.TruncateBelowAsync(2, default);

        _disk.ListFiles("log").Count.ShouldBe(1);
        Should.Throw<IOException>(() => log.Hold(first));
        hold.Dispose();
        hold.Dispose();
        SafeFileHandle handle = second.Handle!;
        byte[] read = new byte[bytes.Length];
        RandomAccess.Read(handle, read, second.OffsetOf(first, header, 0)).ShouldBe(bytes.Length);
        read.ShouldBe(bytes);
        second.Dispose();
        handle.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_simulated_disk_has_no_handle()
    {
        await using BlobStore store = await StoreKit.OpenAsync(new SimDisk());
        await StoreKit.PutAsync(store, 1, StoreKit.Content(1, 100));
        using ContentLease lease = await store.OpenContentAsync(new GetBlobRequest(StoreKit.Id(1)), default);
        lease.Error.ShouldBe(StoreError.None);
        lease.Handle.ShouldBeNull();
    }

    private static byte[] Read(ContentLease lease)
    {
        byte[] bytes = new byte[lease.Length];
        RandomAccess.Read(lease.Handle!, bytes, lease.FileOffset).ShouldBe(lease.Length);
        return bytes;
    }

    private static async Task<StoreError> ErrorOfAsync(BlobStore store, GetBlobRequest request)
    {
        using ContentLease lease = await store.OpenContentAsync(request, default);
        return lease.Error;
    }

    private static void Flip(string path, byte[] where, bool undo = false)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] bytes = new byte[(int)Math.Min(file.Length, 1 << 20)];
        file.ReadExactly(bytes);
        byte[] wanted = [.. where];
        wanted[^1] ^= undo ? (byte)1 : (byte)0;
        int at = bytes.AsSpan().IndexOf(wanted);
        at.ShouldBeGreaterThan(0);
        file.Position = at + where.Length - 1;
        file.WriteByte((byte)(where[^1] ^ (undo ? 0 : 1)));
    }
}
