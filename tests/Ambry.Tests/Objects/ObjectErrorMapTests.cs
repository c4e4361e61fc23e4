using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Router;
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
            // The two enumerations use one vocabulary, but for a full log: above the mapping only capacity counts.
            string expected = error == MetadataError.Full ? nameof(ObjectError.InsufficientCapacity) : error.ToString();
            ObjectErrorMap.From(error).ShouldBe(Enum.Parse<ObjectError>(expected));
        }

        ObjectErrorMap.From((MetadataError)999).ShouldBe(ObjectError.Internal);
    }

    [Fact]
    public void Every_outcome_of_the_router_has_its_line()
    {
        var expected = new Dictionary<RouterError, ObjectError>
        {
            [RouterError.None] = ObjectError.None,
            [RouterError.NotFound] = ObjectError.Corrupt,
            [RouterError.Unavailable] = ObjectError.Unavailable,
            [RouterError.InsufficientCapacity] = ObjectError.InsufficientCapacity,
            [RouterError.Busy] = ObjectError.Busy,
            [RouterError.Corrupt] = ObjectError.Corrupt,
            [RouterError.BadRequest] = ObjectError.Internal,
            [RouterError.NotAllowed] = ObjectError.Internal,
            [RouterError.NotDeleted] = ObjectError.Internal,
            [RouterError.Internal] = ObjectError.Internal,
        };

        foreach (var error in Enum.GetValues<RouterError>())
        {
            ObjectErrorMap.From(error).ShouldBe(expected[error], error.ToString());
        }

        ObjectErrorMap.From((RouterError)999).ShouldBe(ObjectError.Internal);
    }
}
