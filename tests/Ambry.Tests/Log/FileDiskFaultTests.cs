using Ambry.Log;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Log;

/// <summary>Threads of a disk whose device does not answer, with a clock that the test turns.</summary>
public sealed class FileDiskFaultTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _device = new();
    private readonly List<DiskThreads> _threads = [];

    public void Dispose()
    {
        _device.Set();
        _threads.ForEach(threads => threads.Dispose());
        _device.Dispose();
    }

    [Fact]
    public async Task A_call_that_is_not_answered_in_time_fails_and_its_thread_is_counted_until_it_is_back()
    {
        DiskThreads threads = Create(count: 2, hungMax: 2);
        (ValueTask hung, Task begun) = Hang(threads);
        await begun;
        _time.Advance(Limit);

        DiskException fault = await Should.ThrowAsync<DiskException>(async () => await hung);
        fault.Fault.ShouldBe(DiskFault.Hung);
        threads.Hung.ShouldBe(1);

        // The other thread goes on.
        await threads.RunToEndAsync(new DiskAction(() => { }));
        _device.Set();
        SpinWait.SpinUntil(() => threads.Hung == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    [Fact]
    public async Task With_every_thread_lost_calls_fail_at_once_and_so_do_those_that_wait()
    {
        DiskThreads threads = Create(count: 1, hungMax: 1);
        (ValueTask hung, Task begun) = Hang(threads);
        await begun;
        _time.Advance(Limit / 2);
        Task waiting = threads.RunToEndAsync(new DiskAction(() => { })).AsTask();
        Task atTheDoor = threads.RunToEndAsync(new DiskAction(() => { })).AsTask();
        _time.Advance(Limit / 2);

        await Should.ThrowAsync<DiskException>(async () => await hung);
        (await Should.ThrowAsync<DiskException>(async () => await waiting)).Fault.ShouldBe(DiskFault.Hung);
        (await Should.ThrowAsync<DiskException>(async () => await atTheDoor)).Fault.ShouldBe(DiskFault.Hung);
        Should.Throw<DiskException>(() => threads.RunToEndAsync(new DiskAction(() => { })).AsTask());
    }

    [Fact]
    public async Task After_one_lost_write_every_further_one_is_refused_until_it_is_answered()
    {
        DiskThreads threads = Create(count: 4, hungMax: 1);
        (ValueTask hung, Task begun) = Hang(threads);
        await begun;
        _time.Advance(Limit);
        await Should.ThrowAsync<DiskException>(async () => await hung);

        Should.Throw<DiskException>(() => threads.RunToEndAsync(new DiskAction(() => { })).AsTask());
        _device.Set();
        SpinWait.SpinUntil(() => threads.Hung == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        await threads.RunToEndAsync(new DiskAction(() => { }));
    }

    [Fact]
    public async Task A_late_answer_does_not_touch_the_memory_of_a_call_that_has_failed()
    {
        DiskThreads threads = Create(count: 1, hungMax: 1);
        var call = new LateRead(_device);
        Task<int> read = threads.RunAsync(call).AsTask();
        await call.Begun.Task;
        _time.Advance(Limit);
        await Should.ThrowAsync<DiskException>(async () => await read);

        _device.Set();
        SpinWait.SpinUntil(() => threads.Hung == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        call.MemoryWasMine.ShouldBe(false);
    }

    [Fact]
    public async Task Threads_that_the_device_holds_do_not_hold_up_the_end()
    {
        DiskThreads threads = Create(count: 2, hungMax: 2);
        (ValueTask hung, Task begun) = Hang(threads);
        await begun;
        _time.Advance(Limit);
        await Should.ThrowAsync<DiskException>(async () => await hung);

        threads.Dispose();

        Should.Throw<ObjectDisposedException>(() => threads.RunToEndAsync(new DiskAction(() => { })).AsTask());
    }

    [Fact]
    public async Task What_a_call_throws_comes_back_and_the_thread_goes_on()
    {
        DiskThreads threads = Create(count: 1, hungMax: 1);
        await Should.ThrowAsync<DiskFullException>(async () => await threads.RunToEndAsync(
            new DiskAction(() => DiskErrors.ThrowIf(LibC.NoSpace, "write", "x"))));
        int made = 0;
        await threads.RunToEndAsync(new DiskAction(() => made++));
        made.ShouldBe(1);
    }

    [Theory]
    [InlineData(28, DiskFault.Full)]
    [InlineData(122, DiskFault.Full)]
    [InlineData(30, DiskFault.ReadOnly)]
    [InlineData(13, DiskFault.ReadOnly)]
    [InlineData(5, DiskFault.Device)]
    [InlineData(6, DiskFault.Device)]
    [InlineData(19, DiskFault.Device)]
    [InlineData(24, DiskFault.None)]
    [InlineData(22, DiskFault.None)]
    public void An_error_number_tells_what_is_wrong(int error, DiskFault expected)
    {
        DiskErrors.Classify(error).ShouldBe(expected);
        DiskException.FaultOf(DiskErrors.Create(error, "write", "x")).ShouldBe(expected);

        // As the runtime reports it, and as a log hands it on.
        IOException reported = DiskErrors.Translate(new IOException("x", error), "x");
        DiskException.FaultOf(new IOException("The log has failed.", reported)).ShouldBe(expected);
        (reported is DiskFullException).ShouldBe(expected == DiskFault.Full);
    }

    [Fact]
    public void What_may_not_be_written_is_read_only() =>
        DiskException.FaultOf(DiskErrors.Translate(new UnauthorizedAccessException("x"), "x"))
            .ShouldBe(DiskFault.ReadOnly);

    private DiskThreads Create(int count, int hungMax)
    {
        var threads = new DiskThreads("test", count, hungMax, pieceBytes: 16, queuedMax: 1, Limit, _time);
        _threads.Add(threads);
        return threads;
    }

    private (ValueTask Call, Task Begun) Hang(DiskThreads threads)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ValueTask call = threads.RunToEndAsync(new DiskAction(() =>
        {
            begun.SetResult();
            _device.Wait();
        }));
        return (call, begun.Task);
    }

    private sealed class LateRead(ManualResetEventSlim device) : DiskCall
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool? MemoryWasMine { get; private set; }

        protected override int Make(byte[] piece)
        {
            Begun.SetResult();
            device.Wait();
            MemoryWasMine = TryTouch();
            return 0;
        }
    }
}
