using Ambry.Metadata;
using Ambry.Objects;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ObjectErrorMapTests
{
    [Fact]
    public void Every_outcome_of_the_mapping_has_its_line()
    {
        foreach (var error in Enum.GetValues<MetadataError>())
        {
            string expected = error == MetadataError.Full ? nameof(ObjectError.InsufficientCapacity) : error.ToString();
            ObjectErrorMap.From(error).ToString().ShouldBe(expected);
        }
    }

    [Fact]
    public void An_outcome_of_a_later_version_is_internal() =>
        ObjectErrorMap.From((MetadataError)9999).ShouldBe(ObjectError.Internal);
}
