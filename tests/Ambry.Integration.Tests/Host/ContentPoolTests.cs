using System.Buffers;
using Ambry.Host.Parts;

namespace Ambry.Integration.Tests.Host;

public sealed class ContentPoolTests
{
    private const int MiB = 1024 * 1024;
    private const int Block = 64 * 1024;

    [Fact]
    public void What_one_thread_gave_back_any_other_takes()
    {
        using var pool = new ContentPool(64 * MiB);
        for (int i = 0; i < 8; i++)
        {
            var thread = new Thread(() => pool.Rent(4 * MiB).Dispose());
            thread.Start();
            thread.Join();
        }

        pool.HeldBytes.ShouldBe(ContentPool.SlabBytes);
    }

    [Fact]
    public void Sizes_that_change_do_not_add_up()
    {
        using var pool = new ContentPool(64 * MiB);
        foreach (int size in (int[])[4 * MiB, MiB, Block, 3 * MiB, 256 * 1024, 4 * MiB])
        {
            var rented = Enumerable.Range(0, 16 * MiB / size).Select(_ => pool.Rent(size)).ToList();
            rented.ShouldAllBe(owner => owner.Memory.Length >= size);
            rented.ForEach(owner => owner.Dispose());
        }

        pool.HeldBytes.ShouldBeLessThanOrEqualTo(6L * ContentPool.SlabBytes);
    }

    [Fact]
    public void What_is_kept_is_no_more_than_was_allowed()
    {
        using var pool = new ContentPool(2 * ContentPool.SlabBytes);
        var rented = Enumerable.Range(0, 10).Select(_ => pool.Rent(4 * MiB)).ToList();
        pool.HeldBytes.ShouldBe(10L * ContentPool.SlabBytes);
        rented.ForEach(owner => owner.Dispose());
        pool.HeldBytes.ShouldBe(2L * ContentPool.SlabBytes);
    }

    [Fact]
    public void Nobody_has_the_memory_of_another()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        using var pool = new ContentPool(8 * MiB);
        var lent = new List<(IMemoryOwner<byte> Owner, byte Mark)>();
        for (int i = 0; i < 5_000; i++)
        {
            if (lent.Count < 12 && random.Next(2) == 0)
            {
                int size = random.Next(1, ContentPool.SlabBytes >> random.Next(0, 9));
                IMemoryOwner<byte> owner = pool.Rent(size);
                owner.Memory.Length.ShouldBeGreaterThanOrEqualTo(size, $"seed {Seed}, step {i}");
                owner.Memory.Span[..size].Fill((byte)i);
                lent.Add((owner, (byte)i));
            }
            else if (lent.Count > 0)
            {
                int at = random.Next(lent.Count);
                (IMemoryOwner<byte> owner, byte mark) = lent[at];
                owner.Memory.Span[0].ShouldBe(mark, $"seed {Seed}, step {i}");
                owner.Dispose();
                owner.Dispose();
                lent.RemoveAt(at);
            }
        }
    }
}
