using System.Text;
using Ambry.S3.Checksums;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Checksums;

public class ChecksumTests
{
    private static readonly byte[] Check = "123456789"u8.ToArray();

    // The check values of the catalogue of CRCs, and of FIPS 180 tools for the hashes.
    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "cbf43926")]
    [InlineData(ChecksumAlgorithm.Crc32C, "e3069283")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "ae8b14860a799888")]
    [InlineData(ChecksumAlgorithm.Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData(ChecksumAlgorithm.Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    public void The_check_value_is_the_published_one(ChecksumAlgorithm algorithm, string hex)
    {
        Of(algorithm, Check).ShouldBe(Convert.ToBase64String(Convert.FromHexString(hex)));
        ChecksumAlgorithms.DigestSizeBytes(algorithm).ShouldBe(hex.Length / 2);
    }

    [Fact]
    public void The_example_of_the_guide_has_its_checksum() =>
        Of(ChecksumAlgorithm.Crc32C, Encoding.ASCII.GetBytes(new string('a', 66_560))).ShouldBe("sOO8/Q==");

    [Fact]
    public void The_checksum_that_presigning_bakes_in_is_that_of_nothing() =>
        Of(ChecksumAlgorithm.Crc32, []).ShouldBe("AAAAAA==");

    [Fact]
    public void Blocks_give_the_same_as_the_whole() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 40]).Sample(
        (bytes, block) =>
        {
            foreach (var algorithm in ChecksumAlgorithms.All)
            {
                using var hasher = new ChecksumHasher(algorithm);
                foreach (var piece in bytes.Chunk(block))
                {
                    hasher.Append(piece);
                }

                hasher.GetCurrentValue().ShouldBe(new ChecksumValue(algorithm, Of(algorithm, bytes)));
            }
        },
        iter: 200);

    [Fact]
    public void Parts_combine_to_the_checksum_of_the_whole() => Gen.Byte.Array[0, 200].Array[1, 6].Sample(
        parts =>
        {
            foreach (var algorithm in ChecksumAlgorithms.All.Where(ChecksumAlgorithms.CanCombine))
            {
                ChecksumCombiner.FullObject(
                    algorithm, [.. parts.Select(part => new ChecksumPart(Of(algorithm, part), part.Length))])
                    .ShouldBe(Of(algorithm, [.. parts.SelectMany(part => part)]));
            }
        },
        iter: 500);

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32)]
    [InlineData(ChecksumAlgorithm.Crc32C)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme)]
    public void Combining_knows_lengths_beyond_four_gibibytes(ChecksumAlgorithm algorithm)
    {
        // Doubling thirteen times: 1 MiB of one byte to 8 GiB, against the same 8 GiB put together from unequal halves.
        var mebibyte = new byte[1 << 20];
        mebibyte.AsSpan().Fill(7);
        var powers = new List<ChecksumPart> { new(Of(algorithm, mebibyte), mebibyte.Length) };
        for (var i = 0; i < 13; i++)
        {
            var half = powers[^1];
            powers.Add(new ChecksumPart(ChecksumCombiner.FullObject(algorithm, [half, half]), half.SizeBytes * 2));
        }

        List<ChecksumPart> unequal = [powers[0], .. powers.Take(13)];
        unequal.Reverse();
        ChecksumCombiner.FullObject(algorithm, unequal).ShouldBe(powers[13].Base64);
        unequal.Sum(part => part.SizeBytes).ShouldBe(8L << 30);
    }

    [Fact]
    public void A_composite_is_the_checksum_of_the_digests_and_their_count()
    {
        string[] parts = [Of(ChecksumAlgorithm.Sha256, "a"u8.ToArray()), Of(ChecksumAlgorithm.Sha256, "b"u8.ToArray())];
        byte[] digests = [.. Convert.FromBase64String(parts[0]), .. Convert.FromBase64String(parts[1])];
        ChecksumCombiner.Composite(ChecksumAlgorithm.Sha256, parts)
            .ShouldBe(Of(ChecksumAlgorithm.Sha256, digests) + "-2");
    }

    [Fact]
    public void What_cannot_be_combined_is_refused()
    {
        var sha = new ChecksumPart(Of(ChecksumAlgorithm.Sha1, Check), Check.Length);
        Should.Throw<ArgumentException>(() => ChecksumCombiner.FullObject(ChecksumAlgorithm.Sha1, [sha]));
        Should.Throw<ArgumentException>(() => ChecksumCombiner.FullObject(ChecksumAlgorithm.Crc32, [sha]));
        Should.Throw<ArgumentException>(() => ChecksumCombiner.FullObject(ChecksumAlgorithm.Crc32, []));
        Should.Throw<ArgumentException>(() => ChecksumCombiner.Composite(ChecksumAlgorithm.Crc32, []));
    }

    [Theory]
    [InlineData("crc64nvme", ChecksumAlgorithm.Crc64Nvme)]
    [InlineData("CRC32C", ChecksumAlgorithm.Crc32C)]
    [InlineData("SHA256", ChecksumAlgorithm.Sha256)]
    public void Names_compare_without_case(string name, ChecksumAlgorithm expected)
    {
        ChecksumAlgorithms.TryParse(name, out var algorithm).ShouldBeTrue();
        algorithm.ShouldBe(expected);
        ChecksumAlgorithms.TryParseHeader("X-Amz-Checksum-" + name, out algorithm).ShouldBeTrue();
        algorithm.ShouldBe(expected);
        ChecksumAlgorithms.TryParse(ChecksumAlgorithms.Name(expected), out _).ShouldBeTrue();
        ChecksumAlgorithms.HeaderName(expected).ShouldBe("x-amz-checksum-" + name.ToLowerInvariant());
    }

    [Theory]
    [InlineData("AAAAAA==", true)]
    [InlineData("AAAAAA=", false)]
    [InlineData("AAAAAA", false)]
    [InlineData("AAAAAAA=", false)]
    [InlineData("AAAA", false)]
    [InlineData("AAAA\nA==", false)]
    [InlineData("????????", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_value_is_base64_of_the_right_size(string? text, bool isValid)
    {
        ChecksumAlgorithms.IsValid(ChecksumAlgorithm.Crc32, text).ShouldBe(isValid);
        ChecksumAlgorithms.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_multipart_etag_is_the_md5_of_the_md5s()
    {
        const string hello = "5d41402abc4b2a76b9719d911017c592";
        const string empty = "d41d8cd98f00b204e9800998ecf8427e";
        // printf of the 32 bytes through md5sum.
        MultipartETag.Compute([hello, $"\"{empty}\""]).ShouldBe("a169f9255cc30bf56198c64ae2a09832-2");
        Should.Throw<ArgumentException>(() => MultipartETag.Compute([]));
        Should.Throw<ArgumentException>(() => MultipartETag.Compute([hello[..31] + "g"]));
        Should.Throw<ArgumentException>(() => MultipartETag.Compute([hello + "-1"]));
    }

    private static string Of(ChecksumAlgorithm algorithm, byte[] bytes)
    {
        using var hasher = new ChecksumHasher(algorithm);
        hasher.Append(bytes);
        return hasher.GetCurrentValue().Base64;
    }
}
