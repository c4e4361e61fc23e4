using Ambry.Gateway;
using Xunit;

namespace Ambry.Tests.Gateway;

/// <summary>A test with a gateway of its own.</summary>
public abstract class GatewayTest : IAsyncLifetime
{
    private GatewayWorld? _world;

    private protected GatewayWorld World => _world ?? throw new InvalidOperationException("Not started.");

    private protected virtual GatewayOptions Options => new();

    public async Task InitializeAsync()
    {
        _world = await GatewayWorld.StartAsync(Options);
        await PrepareAsync();
    }

    public async Task DisposeAsync() => await World.DisposeAsync();

    private protected virtual Task PrepareAsync() => World.CreateBucketAsync();
}
