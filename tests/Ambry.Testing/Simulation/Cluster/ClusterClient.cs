using Ambry.Router;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// One client of a gateway: does one thing after the other and compares every answer with what was acknowledged. For
/// one thread only.
/// </summary>
internal sealed class ClusterClient(ClusterWorld world, ClusterModel model, SimGateway gateway)
{
    private const ushort Account = 1;
    private const ushort Container = 2;

    private readonly Random _random = world.Random;

    public async Task RunAsync(int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            await world.Time.WaitAsync(TimeSpan.FromMilliseconds(_random.Next(_random.Next(4) == 0 ? 2500 : 150)));
            world.ThrowIfDefect();
            await ActAsync();
        }
    }

    /// <summary>Reads a blob, or a range of it, and compares.</summary>
    public async Task ReadAsync(SimBlob blob, bool isWhole)
    {
        var reading = new BlobReading(world, model, blob);
        int offset = isWhole ? 0 : _random.Next(blob.Content.Length + 1);
        int length = isWhole ? blob.Content.Length : _random.Next(blob.Content.Length - offset + 1);
        string what = $"{Name()} read {SimPeerClient.Short(blob.Id)} {offset}+{length}";
        model.Trace.Add($"begin {what}");
        OpenBlobResult opened = await gateway.Router.OpenReadAsync(
            blob.Id, offset, length, ReadScope.Live, CancellationToken.None);
        if (opened.Reader is null)
        {
            reading.End(opened.Error, what);
            return;
        }

        await using IBlobReader reader = opened.Reader;
        try
        {
            await reading.CompareAsync(reader, blob.Content.AsMemory(offset, length), what);
            reading.End(RouterError.None, what);
        }
        catch (BlobReadException fault)
        {
            reading.End(fault.Error, what);
        }
    }

    public async Task ReadPropertiesAsync(SimBlob blob)
    {
        var reading = new BlobReading(world, model, blob);
        string what = $"{Name()} properties {SimPeerClient.Short(blob.Id)}";
        BlobPropertiesResult result = await gateway.Router.GetPropertiesAsync(blob.Id, CancellationToken.None);
        if (result.Properties is { } properties)
        {
            reading.CheckProperties(properties, result.UserMetadata.Span, what);
        }

        reading.End(result.Error, what);
    }

    private Task ActAsync()
    {
        switch (_random.Next(20))
        {
            case < 7:
                return PutAsync();
            case < 12:
                return ReadSomeAsync();
            case < 15:
                return ChangeAsync(blob => blob.Fate != BlobFate.Deleted, DeleteAsync);
            case < 17:
                return ChangeAsync(blob => blob.Fate == BlobFate.Deleted, UndeleteAsync);
            case < 19:
                return ChangeAsync(blob => blob.Fate == BlobFate.Live && blob.ExpiresAt is not null, UpdateTtlAsync);
            default:
                return StitchAsync();
        }
    }

    private async Task ReadSomeAsync()
    {
        // Also of blobs that somebody changes now.
        if (model.Blobs.Count == 0)
        {
            return;
        }

        // The newest ones most: they have travelled least.
        int newest = _random.Next(2) == 0 ? Math.Min(4, model.Blobs.Count) : model.Blobs.Count;
        SimBlob blob = model.Blobs[^(1 + _random.Next(newest))];
        if (_random.Next(5) == 0)
        {
            await ReadPropertiesAsync(blob);
        }
        else
        {
            await ReadAsync(blob, isWhole: _random.Next(3) > 0);
        }
    }

    private async Task PutAsync()
    {
        int operation = model.NextOperation();
        byte[] content = NewContent();
        byte[] metadata = new byte[_random.Next(200)];
        _random.NextBytes(metadata);
        DateTimeOffset? expires = NewExpiry(2, 6);
        var options = new PutBlobOptions(Account, Container, metadata, null, expires);
        string what = $"{Name()} put {operation} of {content.Length}";
        model.Trace.Add($"begin {what}");
        using var hangUp = new CancellationTokenSource();
        if (_random.Next(15) == 0)
        {
            _ = HangUpAsync(hangUp, world.Time.WaitAsync(TimeSpan.FromMilliseconds(_random.Next(30))));
        }

        try
        {
            using var body = new MemoryStream(content, writable: false);
            PutBlobResult result = await gateway.Router.PutAsync(options, body, hangUp.Token);
            if (result.Error != RouterError.None)
            {
                model.Fail($"{what}: {result.Error}");
                return;
            }

            model.Trace.Add($"end {what}: {SimPeerClient.Short(result.Id)}");
            ClusterModel.Demand(result.SizeBytes == content.Length, $"{what} kept {result.SizeBytes} bytes");
            model.Acknowledge(new SimBlob(result.Id, operation, content, metadata, expires));
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            model.Trace.Add($"hung up {what}");
        }
    }

    private static async Task HangUpAsync(CancellationTokenSource source, Task when)
    {
        await when;
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The put was faster.
            return;
        }
    }

    private async Task StitchAsync()
    {
        var parts = new List<SimBlob>();
        for (int i = 2 + _random.Next(2); i > 0; i--)
        {
            if (model.Pick(_random, CanBePart) is { } part)
            {
                part.BeginChange();
                parts.Add(part);
            }
        }

        if (parts.Count == 0)
        {
            return;
        }

        int operation = model.NextOperation();
        string what = $"{Name()} stitch {operation} of {parts.Count}";
        model.Trace.Add($"begin {what}");
        PutBlobResult result = await gateway.Router.StitchAsync(
            new PutBlobOptions(Account, Container, default),
            [.. parts.Select(part => new BlobPart(part.Id, part.Content.Length))],
            CancellationToken.None);
        foreach (SimBlob part in parts)
        {
            part.BecomePart();
        }

        if (result.Error != RouterError.None)
        {
            model.Fail($"{what}: {result.Error}");
            return;
        }

        model.Trace.Add($"end {what}: {SimPeerClient.Short(result.Id)}");
        byte[] content = [.. parts.SelectMany(part => part.Content)];
        model.Acknowledge(new SimBlob(result.Id, operation, content, [], null) { IsStitched = true });
    }

    /// <summary>Lists nest one level, and what a lasting blob is made of must last.</summary>
    private static bool CanBePart(SimBlob blob) =>
        blob is { IsCertain: true, Fate: BlobFate.Live, ExpiresAt: null, IsStitched: false, Content.Length: > 0 };

    private async Task ChangeAsync(Func<SimBlob, bool> fits, Func<SimBlob, string, Task> changeAsync)
    {
        if (model.Pick(_random, fits) is { } blob)
        {
            blob.BeginChange();
            string name = $"{Name()} {model.NextOperation()} {SimPeerClient.Short(blob.Id)}";
            model.Trace.Add($"begin change {name}");
            SimPeerClient.CurrentOwner = blob.Id;
            await changeAsync(blob, name);
        }
    }

    private async Task DeleteAsync(SimBlob blob, string name)
    {
        bool wasThere = blob.Fate == BlobFate.Live && !blob.IsTouched;

        // What is still on its way would be carried out after it.
        bool isAwaited = blob.IsUndeleteOpen || world.Network.IsChanging(blob.Id);
        blob.Touch(world.Time.GetUtcNow());
        RouterError error = await gateway.Router.DeleteAsync(blob.Id, DeleteScope.Whole, CancellationToken.None);
        model.Trace.Add($"end delete {name}: {error}");
        if (error == RouterError.NotFound)
        {
            ClusterModel.Demand(
                !wasThere || blob.IsExpired(world.Time.GetUtcNow()), $"delete {name} finds no live blob");
        }
        else if (error != RouterError.None)
        {
            blob.EndChange(BlobFate.Open);
            model.Fail($"delete {name}: {error}");
            return;
        }

        blob.EndChange(isAwaited ? BlobFate.Open : BlobFate.Deleted);
    }

    private async Task UndeleteAsync(SimBlob blob, string name)
    {
        bool isAwaited = world.Network.IsChanging(blob.Id);
        blob.Touch(world.Time.GetUtcNow());
        RouterError error = await gateway.Router.UndeleteAsync(blob.Id, CancellationToken.None);
        model.Trace.Add($"end undelete {name}: {error}");
        if (error == RouterError.None)
        {
            blob.EndChange(isAwaited ? BlobFate.Open : BlobFate.Live);
            return;
        }

        blob.LeaveUndeleteOpen();

        // A data centre that has not heard of the deletion, or of the blob, cannot undelete it yet.
        bool isTooEarly = error == RouterError.Unavailable && !blob.WasCertain;
        bool isRefusal = isTooEarly
            || error is RouterError.NotAllowed or RouterError.NotFound or RouterError.NotDeleted;
        DateTimeOffset now = world.Time.GetUtcNow();
        bool mayRefuse = !blob.WasCertain || blob.IsExpired(now) || blob.IsExpiryOpen
            || now - blob.DeletedAt > ClusterWorld.Retention / 2;
        if (!isRefusal || !mayRefuse)
        {
            model.Fail($"undelete {name}: {error}");
        }
    }

    private async Task UpdateTtlAsync(SimBlob blob, string name)
    {
        DateTimeOffset now = world.Time.GetUtcNow();
        DateTimeOffset? until = NewExpiry(8, 20);
        bool mayRefuse = blob.MayRefuseTtl || blob.IsTouched || blob.ExpiresAt - now < TimeSpan.FromDays(1.01)
            || (until is not null && until <= blob.ExpiresAt);
        RouterError error = await gateway.Router.UpdateTtlAsync(blob.Id, until, CancellationToken.None);
        model.Trace.Add($"end ttl {name}: {error}");
        if (error == RouterError.None)
        {
            blob.EndTtlUpdate(until is null || until > blob.ExpiresAt ? until : blob.ExpiresAt);
            return;
        }

        blob.LeaveTtlOpen();
        if (!mayRefuse || error is not (RouterError.NotAllowed or RouterError.NotFound))
        {
            model.Fail($"ttl {name}: {error}");
        }
    }

    private string Name() => gateway.Site.Name;

    private DateTimeOffset? NewExpiry(int fromDays, int toDays) => _random.Next(3) == 0
        ? DateTimeOffset.FromUnixTimeMilliseconds(world.Time.GetUtcNow().ToUnixTimeMilliseconds())
            .AddDays(fromDays + _random.Next(toDays - fromDays))
        : null;

    /// <summary>Nothing, less than a chunk, exactly some chunks, or several and a bit.</summary>
    private byte[] NewContent()
    {
        int length = _random.Next(8) switch
        {
            0 => 0,
            1 => SimGateway.ChunkBytes,
            2 => SimGateway.ChunkBytes * (2 + _random.Next(2)),
            3 => 1 + _random.Next(SimGateway.ChunkBytes * 4),
            _ => 1 + _random.Next(SimGateway.ChunkBytes),
        };
        byte[] content = new byte[length];
        _random.NextBytes(content);
        return content;
    }
}
