using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>Found by the cluster simulation, seed 30 of its first version.</summary>
public class UndeleteOnProbationTests
{
    [Fact]
    public async Task All_parts_of_a_composite_may_ask_nodes_that_were_down()
    {
        var world = new RouterWorld(nodes: 5, replicas: 5, configure: options => options.PutParallelism = 5);
        BlobId id = await world.PutAsync(RouterWorld.Bytes(3 * RouterWorld.ChunkBytes));
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
        await TakeFourNodesDownAsync(world);

        var answers = new TaskCompletionSource();
        world.Peers.Gate = call => call.Operation == PeerOperation.Undelete ? answers.Task : Task.CompletedTask;
        ValueTask<RouterError> undelete = world.Router.UndeleteAsync(id, default);
        answers.SetResult();

        (await undelete).ShouldBe(RouterError.None);
    }

    /// <summary>They may be tried again when it returns.</summary>
    private static async Task TakeFourNodesDownAsync(RouterWorld world)
    {
        BlobId other = await world.PutAsync(RouterWorld.Bytes(1));
        world.Peers.FaultBefore = call => call.Node == world.Nodes[4] ? PeerError.None : PeerError.Unreachable;
        for (int i = 0; i < 4; i++)
        {
            await world.Router.DeleteAsync(other, DeleteScope.Whole, default);
        }

        world.Peers.FaultBefore = null;
        world.Time.Advance(TimeSpan.FromSeconds(61));
    }
}
