using Ambry.Log;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Log;

public sealed class FileDiskTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-disk-").FullName;
    private readonly FileDisk _disk;

    public FileDiskTests()
    {
        _disk = new FileDisk(_root);
    }

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Opening_a_missing_file_says_so()
    {
        Should.Throw<FileNotFoundException>(() => _disk.Open("none", create: false));
        Should.Throw<FileNotFoundException>(() => _disk.Open("no/folder/none", create: true));
        _disk.FileExists("none").ShouldBeFalse();
        _disk.Delete("none");
        _disk.ListFiles("none").ShouldBeEmpty();
    }

    [Fact]
    public void A_path_cannot_leave_the_folder()
    {
        Should.Throw<ArgumentException>(() => _disk.Open("../x", create: true));
        Should.Throw<ArgumentException>(() => _disk.Open("/etc/x", create: true));
    }

    [Fact]
    public async Task Gathered_parts_are_read_back_and_reads_end_at_the_end()
    {
        using IDiskFile file = _disk.Open("a", create: true);
        var parts = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 2500; i++)
        {
            parts.Add(Enumerable.Repeat((byte)i, (i % 7) + 1).ToArray());
        }

        byte[] expected = [.. parts.SelectMany(part => part.ToArray())];
        await file.WriteAsync(5, parts, default);
        await file.SyncAsync(default);
        file.LengthBytes.ShouldBe(5 + expected.Length);
        var read = new byte[expected.Length + 100];
        (await file.ReadAsync(5, read, default)).ShouldBe(expected.Length);
        read[..expected.Length].ShouldBe(expected);
        (await file.ReadAsync(5 + expected.Length, read, default)).ShouldBe(0);
    }

    [Fact]
    public async Task Large_reads_and_writes_are_whole()
    {
        using IDiskFile file = _disk.Open("a", create: true);
        var data = new byte[3_000_001];
        new Random(3).NextBytes(data);
        await file.WriteAsync(0, [data], default);
        var read = new byte[data.Length + 1];
        (await file.ReadAsync(0, read, default)).ShouldBe(data.Length);
        read.AsSpan(0, data.Length).SequenceEqual(data).ShouldBeTrue();
    }

    // A long write goes out in pieces that end at multiples of 256 KiB, whatever the parts are.
    [Theory]
    [InlineData(0, new[] { 262_144, 262_144 })]
    [InlineData(262_143, new[] { 1, 262_144, 1 })]
    [InlineData(64, new[] { 64, 0, 1_048_576, 7, 64, 56, 4_194_304, 3 })]
    [InlineData(5_000_001, new[] { 300_000, 1, 1, 700_000 })]
    public async Task Many_parts_of_a_long_write_come_one_after_the_other(long offset, int[] lengths)
    {
        using IDiskFile file = _disk.Open("a", create: true);
        var random = new Random(9);
        List<ReadOnlyMemory<byte>> parts = [];
        foreach (int length in lengths)
        {
            var part = new byte[length];
            random.NextBytes(part);
            parts.Add(part);
        }

        await file.WriteAndSyncAsync(offset, parts, default);
        byte[] expected = [.. parts.SelectMany(part => part.ToArray())];
        file.LengthBytes.ShouldBe(offset + expected.Length);
        var read = new byte[expected.Length];
        (await file.ReadAsync(offset, read, default)).ShouldBe(expected.Length);
        read.AsSpan().SequenceEqual(expected).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_cached_is_read_all_the_same_and_whole()
    {
        using IDiskFile file = _disk.Open("a", create: true);
        var data = new byte[1_500_000];
        new Random(4).NextBytes(data);
        await file.WriteAsync(0, [data], default);
        await file.SyncAsync(default);
        foreach (int from in new[] { 0, 123_456, 1_400_000 })
        {
            if (OperatingSystem.IsLinux())
            {
                // Every other megabyte leaves the page cache, so that one read finds a part of what it wants.
                PageCache.Drop(file.Handle!, 0, 300_000).ShouldBe(0);
                PageCache.Drop(file.Handle!, 1_000_000, 0).ShouldBe(0);
            }

            var read = new byte[data.Length];
            (await file.ReadAsync(from, read, default)).ShouldBe(data.Length - from);
            read.AsSpan(0, data.Length - from).SequenceEqual(data.AsSpan(from)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task What_is_cached_is_read_without_a_hop()
    {
        using IDiskFile file = _disk.Open("a", create: true);
        await file.WriteAsync(0, [new byte[5000]], default);
        ValueTask<int> read = file.ReadAsync(0, new byte[5000], default);

        // True of the fallback too, where the kernel cannot tell.
        read.IsCompletedSuccessfully.ShouldBeTrue();
        (await read).ShouldBe(5000);
    }

    [Fact]
    public void A_kernel_that_cannot_tell_what_is_cached_is_asked_once()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // A file of the process file system has no page cache: the call that tells is refused.
        using FileStream status = new("/proc/self/status", FileMode.Open, FileAccess.Read);
        var cached = new CachedReads();
        cached.IsOn.ShouldBeTrue();
        int count = cached.Read(status.SafeFileHandle, "status", 0, new byte[10], out bool isWhole);
        (count, isWhole).ShouldBe((0, false));
        cached.IsOn.ShouldBeFalse();
    }

    [Fact]
    public async Task A_read_does_not_wait_behind_writes_and_syncs()
    {
        using var device = new ManualResetEventSlim();
        using IDiskFile file = _disk.Open("a", create: true);
        await file.WriteAsync(0, [new byte[100_000]], default);
        await file.SyncAsync(default);
        Task[] stuck = [.. Enumerable.Range(0, new FileDiskOptions().WriteThreads + 2)
            .Select(_ => _disk.CallAsync(_ => device.Wait()).AsTask())];
        if (OperatingSystem.IsLinux())
        {
            PageCache.Drop(file.Handle!, 0, 0).ShouldBe(0);
        }

        (await file.ReadAsync(0, new byte[100_000], default)).ShouldBe(100_000);
        stuck.ShouldAllBe(call => !call.IsCompleted);
        device.Set();
        await Task.WhenAll(stuck);
    }

    [Fact]
    public async Task While_a_write_is_out_beyond_its_limit_others_are_refused_and_reads_go_on()
    {
        using var device = new ManualResetEventSlim();
        var time = new FakeTimeProvider();
        string root = Path.Combine(_root, "hung");
        using var disk = new FileDisk(root, new FileDiskOptions { Time = time });
        using IDiskFile file = disk.Open("a", create: true);
        await file.WriteAsync(0, [new byte[10]], default);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task stuck = disk.CallAsync(_ =>
        {
            begun.SetResult();
            device.Wait();
        }).AsTask();
        await begun.Task;
        time.Advance(new FileDiskOptions().WriteLimit);

        (await Should.ThrowAsync<DiskException>(() => stuck)).Fault.ShouldBe(DiskFault.Hung);
        disk.HungCalls.ShouldBe(1);
        await Should.ThrowAsync<DiskException>(async () => await file.WriteAsync(0, [new byte[10]], default));
        await Should.ThrowAsync<DiskException>(async () => await file.SyncAsync(default));
        (await file.ReadAsync(0, new byte[10], default)).ShouldBe(10);

        device.Set();
        SpinWait.SpinUntil(() => disk.HungCalls == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        await file.WriteAsync(0, [new byte[10]], default);
    }

    [Fact]
    public void A_root_that_is_gone_says_so()
    {
        string root = Path.Combine(_root, "mount");
        using var disk = new FileDisk(root);
        disk.TotalBytes.ShouldBeGreaterThan(0);
        disk.FreeBytes.ShouldBeInRange(0, disk.TotalBytes);
        Directory.Delete(root);

        DiskException fault = Should.Throw<DiskException>(() => disk.Open("a", create: true));
        fault.Fault.ShouldBe(DiskFault.Gone);
        Should.Throw<DiskException>(() => disk.FreeBytes).Fault.ShouldBe(DiskFault.Gone);
    }

    [Fact]
    public void Preallocation_keeps_the_length()
    {
        using IDiskFile file = _disk.Open("a", create: true);
        file.Preallocate(1 << 20);
        file.LengthBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Rename_replaces_and_listing_is_in_ordinal_order()
    {
        _disk.CreateDirectory("d/e");
        foreach (string name in new[] { "b", "B", "a" })
        {
            _disk.Open($"d/{name}", create: true).Dispose();
        }

        await _disk.WriteAtomicAsync("d/x", "one"u8.ToArray(), default);
        await _disk.WriteAtomicAsync("d/x", "two"u8.ToArray(), default);
        _disk.Rename("d/x", "d/a");
        await _disk.SyncDirectoryAsync("d", default);
        _disk.ListFiles("d").ShouldBe(["B", "a", "b"]);
        _disk.ListDirectories("d").ShouldBe(["e"]);
        (await _disk.TryReadAllAsync("d/a", 100, default)).ShouldBe("two"u8.ToArray());
        (await _disk.TryReadAllAsync("d/none", 100, default)).ShouldBeNull();
        await Should.ThrowAsync<InvalidDataException>(async () => await _disk.TryReadAllAsync("d/a", 2, default));
    }

    [Fact]
    public void A_lock_has_one_holder()
    {
        IDisposable? first = _disk.TryLock("lock");
        first.ShouldNotBeNull();
        _disk.TryLock("lock").ShouldBeNull();
        first.Dispose();
        using IDisposable? again = _disk.TryLock("lock");
        again.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_secret_is_readable_by_its_owner_alone()
    {
        File.WriteAllText(Path.Combine(_root, "key.tmp"), "left over");
        await _disk.WriteSecretAsync("key", "secret"u8.ToArray(), default);
        await _disk.WriteSecretAsync("key", "other"u8.ToArray(), default);
        (await _disk.TryReadAllAsync("key", 100, default)).ShouldBe("other"u8.ToArray());
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(_root, "key"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _disk.FileExists("key.tmp").ShouldBeFalse();
    }

    [Fact]
    public async Task Many_syncs_at_once_all_complete()
    {
        // More than the queue of the disk's threads has places.
        const int Calls = 1500;
        using IDiskFile file = _disk.Open("a", create: true);
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(async i =>
        {
            await file.WriteAsync(i, [new byte[] { 7 }], default);
        }));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await file.SyncAsync(default)));
        file.LengthBytes.ShouldBe(Calls);
    }

    [Fact]
    public async Task A_log_comes_back_from_real_files()
    {
        var appended = new List<AppendedRecord>();
        await using (AppendLog log = await OpenLogAsync())
        {
            appended.AddRange(await Task.WhenAll(Enumerable.Range(0, 300).Select(
                i => log.AppendAsync(new LogAppend(1, BitConverter.GetBytes(i), new byte[1000]), default).AsTask())));
        }

        appended.Select(record => record.Lsn).Order().ShouldBe(Enumerable.Range(1, 300).Select(lsn => (long)lsn));
        await using AppendLog again = await OpenLogAsync();
        again.DurableLsn.ShouldBe(300);
        long next = 1;
        await foreach (LogRecord record in again.ReadFromAsync(1, default))
        {
            record.Header.Lsn.ShouldBe(next++);
            int value = BitConverter.ToInt32(record.Part0.Span);
            appended[value].ShouldBe(new AppendedRecord(record.Header.Lsn, record.Position));
        }

        next.ShouldBe(301);
        _disk.ListFiles("log").Count.ShouldBeGreaterThan(4);
    }

    private ValueTask<AppendLog> OpenLogAsync()
    {
        var options = new AppendLogOptions { SegmentBytes = 64 * 1024 };
        return AppendLog.OpenAsync(_disk, "log", options, TimeProvider.System, null, default);
    }
}
