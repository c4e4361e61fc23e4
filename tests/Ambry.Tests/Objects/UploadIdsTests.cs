using Ambry.Objects;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class UploadIdsTests
{
    [Fact]
    public void An_id_is_22_characters_that_need_no_escaping_and_reads_back()
    {
        var ids = new SequentialIds(seed: 11);
        for (int i = 0; i < 200; i++)
        {
            var id = ids.NextId();
            string text = UploadIds.Format(id);

            text.Length.ShouldBe(22);
            text.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_');
            UploadIds.TryParse(text, out var parsed).ShouldBeTrue();
            parsed.ShouldBe(id);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAA AAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAé")]
    public void What_is_no_id_is_refused(string text) => UploadIds.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void No_two_texts_are_one_id()
    {
        string text = UploadIds.Format(Guid.Empty);

        for (char last = '0'; last <= 'z'; last++)
        {
            bool isId = UploadIds.TryParse(text[..21] + last, out var id);
            (isId && id == Guid.Empty).ShouldBe(last == text[21], last.ToString());
        }
    }
}
