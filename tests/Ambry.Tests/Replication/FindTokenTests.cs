using Ambry.Protocol;
using Ambry.Replication;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Replication;

public class FindTokenTests
{
    private static readonly Guid A = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid B = new("ff112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void A_token_reads_back_and_its_bytes_never_change()
    {
        byte[] bytes = new byte[FindToken.EncodedLength];
        new FindToken(A, 0x0102030405060708).Write(bytes);

        FindToken.TryRead(bytes, out FindToken token).ShouldBeTrue();
        token.ShouldBe(new FindToken(A, 0x0102030405060708));
        Convert.ToHexString(bytes[..28]).ShouldBe("01000000" + "00112233445566778899AABBCCDDEEFF" + "0807060504030201");
    }

    [Fact]
    public void No_prefix_and_no_changed_byte_is_a_token()
    {
        byte[] bytes = new byte[FindToken.EncodedLength];
        new FindToken(A, 77).Write(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            FindToken.TryRead(bytes.AsSpan(0, i), out _).ShouldBeFalse();
            bytes[i] ^= 0x10;
            FindToken.TryRead(bytes, out _).ShouldBeFalse($"byte {i}");
            bytes[i] ^= 0x10;
        }

        FindToken.TryRead(bytes, out _).ShouldBeTrue();
    }

    [Fact]
    public void A_replaced_store_is_read_from_its_start()
    {
        new FindToken(A, 77).ResumeAt(B, 1000).ShouldBe(new FindToken(B, 0));
        FindToken.Start.ResumeAt(A, 1000).ShouldBe(new FindToken(A, 0));
    }

    [Fact]
    public void A_store_that_lost_its_end_is_read_from_the_end_it_has()
    {
        new FindToken(A, 77).ResumeAt(A, 70).ShouldBe(new FindToken(A, 70));
        new FindToken(A, 77).ResumeAt(A, 80).ShouldBe(new FindToken(A, 77));
    }

    [Fact]
    public void Tokens_of_different_stores_do_not_compare()
    {
        new FindToken(A, 5).Covers(new FindToken(A, 5)).ShouldBeTrue();
        new FindToken(A, 5).Covers(new FindToken(A, 6)).ShouldBeFalse();
        new FindToken(A, 5).Covers(new FindToken(B, 1)).ShouldBeFalse();
    }

    [Fact]
    public void A_token_is_kept_only_behind_durable_data()
    {
        var progress = new TokenProgress(new FindToken(A, 1));
        progress.Advance(new FindToken(A, 10), localLsn: 100);
        progress.Advance(new FindToken(A, 20), localLsn: 200);

        progress.Current.Lsn.ShouldBe(20);
        progress.Durable.Lsn.ShouldBe(1);
        progress.OnDurable(199);
        progress.Durable.Lsn.ShouldBe(10);
        progress.OnDurable(200);
        progress.Durable.Lsn.ShouldBe(20);
    }

    [Fact]
    public void A_restart_forgets_what_waited_and_never_keeps_more_than_it_restarts_from()
    {
        var progress = new TokenProgress(new FindToken(A, 5));
        progress.Advance(new FindToken(A, 10), localLsn: 100);

        progress.Restart(new FindToken(B, 0));
        progress.OnDurable(1000);

        progress.Current.ShouldBe(new FindToken(B, 0));
        progress.Durable.ShouldBe(new FindToken(B, 0));
    }

    [Fact]
    public void Positions_that_wait_are_bounded()
    {
        var progress = new TokenProgress(FindToken.Start);
        for (int i = 1; progress.CanAdvance; i++)
        {
            progress.Advance(new FindToken(A, i), i);
        }

        progress.Current.Lsn.ShouldBe(TokenProgress.MaxPending);
        progress.OnDurable(1);
        progress.CanAdvance.ShouldBeTrue();
    }
}
