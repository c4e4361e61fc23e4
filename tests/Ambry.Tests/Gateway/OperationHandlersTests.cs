using Ambry.Gateway;
using Ambry.Gateway.Operations;
using Ambry.Gateway.Pipeline;
using Ambry.S3.Operations;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class OperationHandlersTests
{
    [Fact]
    public void What_the_table_calls_implemented_is_handled_and_nothing_else()
    {
        var options = new GatewayOptions();
        var handlers = new OperationHandlers(
            new InMemoryObjectStore(TimeProvider.System), options, new Cors(options.Cors));
        var implemented = S3OperationTable.All
            .Where(row => row.State == S3OperationState.Implemented)
            .Select(row => row.Kind)
            .Distinct();
        handlers.Kinds.Order().ShouldBe(implemented.Order());
    }
}
