using Ambry.Store.Records;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store;

public class BlockChecksumsTests
{
    [Fact]
    public void Block_checksums_tell_which_block_changed()
    {
        byte[] content = StoreKit.Content(1, (3 * StoreKit.Block) + 1);
        byte[] checksums = new byte[BlockChecksums.EncodedLength(content.Length)];
        checksums.Length.ShouldBe(16);
        BlockChecksums.Write(content, checksums);
        BlockChecksums.Verify(checksums, 0, content).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 1, content.AsSpan(StoreKit.Block)).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 0, content.AsSpan(StoreKit.Block, StoreKit.Block)).ShouldBeFalse();
        content[StoreKit.Block] ^= 1;
        BlockChecksums.Verify(checksums, 0, content.AsSpan(0, StoreKit.Block)).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 0, content).ShouldBeFalse();
        BlockChecksums.Verify(checksums, 4, content.AsSpan(0, 1)).ShouldBeFalse("there is no such block");
    }
}
