using Ambry.Store;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>
/// A store is killed anywhere in a compaction or an erasure, and the power is cut anywhere in the start that follows.
/// </summary>
public class CompactionTwoFaultTests
{
    private readonly FakeTimeProvider _time = new(Start);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_lost_or_comes_back_when_the_power_is_cut_in_the_start_after_a_kill(bool erases)
    {
        var whole = new SimDisk();
        await FillAsync(whole);
        SimDisk counted = whole.Copy();
        (await WorkAsync(counted, erases)).ShouldBeTrue();
        int calls = counted.MutatingCalls;
        calls.ShouldBeGreaterThan(20);
        for (int call = 1; call <= calls; call += erases ? 11 : 3)
        {
            SimDisk worked = whole.Copy();
            worked.StopAtCall = call;
            await WorkAsync(worked, erases);
            SimDisk killed = worked.Kill();
            int opening = 0;
            for (bool stopped = true; stopped;)
            {
                SimDisk disk = killed.Fork();
                disk.StopAtCall = ++opening;
                stopped = !await OpensAsync(disk);
                for (int seed = call; seed < call + 2; seed++)
                {
                    await CheckAsync(disk.CrashedCopy(seed), $"call {call}, call {opening} of the start, seed {seed}");
                }
            }
        }
    }

    private async Task FillAsync(SimDisk disk)
    {
        await using BlobStore store = await CompactionKit.OpenAsync(disk, _time);
        await PutManyAsync(store, 0, 24);
        for (int number = 0; number < 24; number++)
        {
            if (number % 4 != 0)
            {
                await DeleteAtAsync(store, number, Start - Retention - TimeSpan.FromHours(1));
            }
        }

        await PutManyAsync(store, 100, 8);
    }

    /// <summary>False when the machine stopped.</summary>
    private async Task<bool> WorkAsync(SimDisk disk, bool erases)
    {
        try
        {
            await using BlobStore store = await CompactionKit.OpenAsync(disk, _time);
            StoreError error = erases
                ? (await store.EraseDeletedAsync(0, 1 << 20, CancellationToken.None)).Error
                : (await CompactAsync(store)).Error;
            return error == StoreError.None;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<bool> OpensAsync(SimDisk disk)
    {
        try
        {
            BlobStore store = await CompactionKit.OpenAsync(disk, _time);
            return store.Status.State == StoreState.Running;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task CheckAsync(SimDisk disk, string at)
    {
        await using BlobStore store = await CompactionKit.OpenAsync(disk, _time);
        store.Status.ShouldBe(new StoreStatus(StoreState.Running), at);
        for (int number = 0; number < 24; number++)
        {
            if (number % 4 == 0)
            {
                await ShouldHoldAsync(store, number, Bytes(number));
            }
            else
            {
                (await ErrorOfAsync(store, number)).ShouldBe(StoreError.Deleted, at);
            }
        }

        (await CompactAsync(store)).Error.ShouldBe(StoreError.None, at);
        store.Maintenance.Damaged.ShouldBeEmpty(at);
    }
}
