using Ambry.Metadata;
using Ambry.Testing.Metadata;

namespace Ambry.Tests.Metadata;

public sealed class InMemoryMetadataStoreTests : MetadataStoreBehaviour
{
    private InMemoryMetadataStore? _store;

    protected override ValueTask<IMetadataStore> OpenAsync(MetadataOptions options)
    {
        _store = InMemoryMetadataStore.Create(options);
        return ValueTask.FromResult<IMetadataStore>(_store);
    }

    protected override ValueTask CloseAsync() => _store!.DisposeAsync();
}
