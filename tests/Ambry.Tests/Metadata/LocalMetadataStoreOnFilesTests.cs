using Ambry.Log;
using Ambry.Metadata;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Tests.Metadata;

/// <summary>The local store on real files.</summary>
public sealed class LocalMetadataStoreOnFilesTests : MetadataStoreBehaviour
{
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-metadata-").FullName;
    private FileDisk? _disk;
    private LocalMetadataStore? _store;

    // Each step waits for a real sync. The same store runs the long sequences on a disk in memory.
    protected override int RandomSteps => 60;

    protected override async ValueTask<IMetadataStore> OpenAsync(MetadataOptions options)
    {
        _disk = new FileDisk(_root);
        return _store = await LocalMetadataStore.OpenAsync(
            _disk, "meta", options, TimeProvider.System, NullLoggerFactory.Instance, Token);
    }

    protected override async ValueTask CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _disk?.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
