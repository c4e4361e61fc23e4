using Ambry.Protocol;
using Ambry.Store.Index;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

public class IndexJournalTests
{
    [Fact]
    public void Journal_keeps_the_newest_entries_in_order_and_says_how_far_it_answers()
    {
        var journal = new Journal(100);
        var read = new List<StoreEntry>();
        journal.TryReadSince(0, 10, read, out _).ShouldBeFalse("it holds nothing");
        for (int lsn = 50; lsn < 1050; lsn++)
        {
            journal.Add(Entry(lsn, lsn));
        }

        journal.TryReadSince(948, 10, read, out _).ShouldBeFalse("entry 949 is gone");
        journal.TryReadSince(949, 1000, read, out long coveredTo).ShouldBeTrue();
        coveredTo.ShouldBe(1049);
        read.Select(entry => entry.Lsn).ShouldBe(Enumerable.Range(950, 100).Select(lsn => (long)lsn));
        read.Clear();
        journal.TryReadSince(1000, 3, read, out coveredTo).ShouldBeTrue();
        coveredTo.ShouldBe(1003);
        read.Select(entry => entry.Lsn).ShouldBe([1001L, 1002L, 1003L]);
        read.Clear();
        journal.TryReadSince(1049, 3, read, out coveredTo).ShouldBeTrue();
        coveredTo.ShouldBe(1049);
        read.ShouldBeEmpty();
        journal.TryReadSince(2000, 3, read, out coveredTo).ShouldBeTrue();
        coveredTo.ShouldBe(2000, "a token is never taken back");
    }
}
