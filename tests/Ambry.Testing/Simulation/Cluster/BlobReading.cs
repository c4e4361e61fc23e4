using Ambry.Protocol;
using Ambry.Router;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// One read of a blob, compared with what the clients knew when it began and when it ended. For one thread only.
/// </summary>
internal sealed class BlobReading
{
    private readonly ClusterWorld _world;
    private readonly ClusterModel _model;
    private readonly SimBlob _blob;
    private readonly int _changes;
    private readonly bool _wasTaken;
    private readonly DateTimeOffset _began;

    public BlobReading(ClusterWorld world, ClusterModel model, SimBlob blob)
    {
        (_world, _model, _blob) = (world, model, blob);
        (_changes, _wasTaken, _began) = (blob.Changes, blob.IsTaken, world.Time.GetUtcNow());
        model.Reads++;
    }

    /// <summary>Nobody changed it while it was read, and every replica has what is known of it.</summary>
    private bool IsCertain => _blob.IsCertain && !_wasTaken && _blob.Changes == _changes;

    public async Task CompareAsync(IBlobReader reader, ReadOnlyMemory<byte> expected, string what)
    {
        int at = 0;
        while (await reader.ReadAsync(CancellationToken.None) is { Length: > 0 } block)
        {
            bool isEqual = block.Length <= expected.Length - at
                && block.Span.SequenceEqual(expected.Span.Slice(at, block.Length));
            ClusterModel.Demand(isEqual, $"{what}: wrong bytes at {at}");
            at += block.Length;
            if (_world.Random.Next(4) == 0)
            {
                // A slow client.
                await _world.Time.WaitAsync(TimeSpan.FromMilliseconds(_world.Random.Next(50)));
                ClusterModel.Demand(
                    block.Span.SequenceEqual(expected.Span.Slice(at - block.Length, block.Length)),
                    $"{what}: the bytes before {at} changed while they were looked at");
            }
        }

        ClusterModel.Demand(at == expected.Length, $"{what}: ends after {at} of {expected.Length} bytes");
    }

    public void CheckProperties(BlobProperties properties, ReadOnlySpan<byte> metadata, string what)
    {
        ClusterModel.Demand(
            properties.SizeBytes == _blob.Content.Length, $"{what}: {properties.SizeBytes} bytes");
        ClusterModel.Demand(metadata.SequenceEqual(_blob.Metadata), $"{what}: other user metadata");
        ClusterModel.Demand(
            !IsCertain || properties.ExpiresAt == _blob.ExpiresAt,
            $"{what}: expires at {properties.ExpiresAt}, not {_blob.ExpiresAt}");
    }

    public void End(RouterError error, string what)
    {
        _model.Trace.Add($"end {what}: {error}");
        switch (error)
        {
            case RouterError.None:
                ClusterModel.Demand(
                    !IsCertain || _blob.Fate != BlobFate.Deleted, $"{what}: a deleted blob is back");
                ClusterModel.Demand(
                    !IsCertain || !_blob.IsExpired(_began), $"{what}: the blob expired at {_blob.ExpiresAt}");
                break;
            case RouterError.NotFound:
                CheckNotFound(what);
                break;
            case RouterError.Unavailable or RouterError.Busy or RouterError.Corrupt:
                // A blob of open fate may have lost its chunks.
                if (!_blob.IsPart && _blob.Fate != BlobFate.Open)
                {
                    _model.Fail($"{what}: {error}");
                }

                break;
            default:
                ClusterModel.Demand(false, $"{what} answers {error}");
                break;
        }
    }

    private void CheckNotFound(string what)
    {
        bool isLive = _blob.Fate == BlobFate.Live && !_wasTaken && _blob.Changes == _changes && !_blob.IsTouched;
        bool isExpired = _blob.EarliestExpiry <= _world.Time.GetUtcNow();
        ClusterModel.Demand(!isLive || isExpired, $"{what}: not found, though it was acknowledged");
    }
}
