using Ambry.Host.Handles;

namespace Ambry.Integration.Tests.Handles;

/// <summary>A test with a handle API of its own.</summary>
public abstract class HandleTest : IAsyncLifetime
{
    private protected HandleWorld World { get; private set; } = null!;

    public async Task InitializeAsync() => World = await HandleWorld.StartAsync(Change);

    public async Task DisposeAsync() => await World.DisposeAsync();

    private protected virtual HandleOptions Change(HandleOptions options) => options;
}
