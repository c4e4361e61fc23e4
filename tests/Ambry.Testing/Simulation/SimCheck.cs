using System.Text;
using Ambry.Objects;
using Ambry.Protocol;

namespace Ambry.Testing.Simulation;

/// <summary>
/// Looks at everything while no client runs, settles what was open, and tells blobs that something stands on from those
/// that are left over. One use a look.
/// </summary>
internal sealed class SimCheck(SimWorld world, SimModel model)
{
    private const int PageItems = 3;

    private readonly HashSet<BlobId> _reachable = [];
    private readonly HashSet<Guid> _completed = [];

    /// <summary>Buckets, names, uploads and parts agree with the model, and all their bytes are there.</summary>
    public async Task EverythingAsync()
    {
        var buckets = (await world.Objects.ListBucketsAsync(default)).Select(bucket => bucket.Name).ToHashSet();
        foreach (var (name, register) in model.Buckets)
        {
            Settle(register, buckets.Remove(name) ? SimModel.There : null, "bucket " + name);
        }

        SimModel.Demand(buckets.Count == 0, "buckets that nobody made: " + string.Join(", ", buckets));
        foreach (var (name, register) in model.Buckets)
        {
            bool isThere = register.Allows(SimModel.There, model.Tick(), model.Tick());
            await CheckNamesAsync(name, isThere);
            await CheckUploadsAsync(name, isThere);
        }

        foreach (var id in _reachable)
        {
            SimModel.Demand(await world.IsLiveAsync(id), $"blob {id} was deleted though a name or a part stands on it");
        }

        model.OpenCreations.Clear();
    }

    /// <summary>After <see cref="EverythingAsync"/>: how many blobs are left over, each for a known reason.</summary>
    public async Task<int> LeaksAsync(SimDurables durables)
    {
        var held = new HashSet<BlobId>();
        foreach (var id in model.LeakyBlobs)
        {
            Expand(id, held);
        }

        int leaks = 0;
        foreach (var (id, operation) in durables.Written)
        {
            if (_reachable.Contains(id) || !await world.IsLiveAsync(id))
            {
                continue;
            }

            SimModel.Demand(
                model.LeakyOperations.Contains(operation) || held.Contains(id),
                $"blob {id} of operation {operation} is left over, and no stop explains it");
            leaks++;
        }

        return leaks;
    }

    private async Task CheckNamesAsync(string bucket, bool isThere)
    {
        var listed = isThere ? await ListAsync(bucket) : [];
        foreach (var (key, register) in model.Keys.Where(b => b.Key == bucket).SelectMany(b => b.Value))
        {
            listed.Remove(key, out var stored);
            string name = $"{bucket}/{key}";
            Settle(register, stored is null ? null : SimModel.Identity(stored), name);
            var path = new ObjectPath(bucket, Encoding.UTF8.GetBytes(key));
            var found = await world.Objects.FindObjectAsync(path, default);
            SimModel.Demand(
                found.Value?.Entry.HolderId == stored?.Entry.HolderId, $"{name} is not the same listed and looked up");
            if (stored is not null)
            {
                await SimReading.ReadAsync(world, model, stored, 0, stored.SizeBytes);
                Expand(stored.Entry.Handle.Id, _reachable);
                _completed.Add(stored.Entry.UploadId ?? default);
            }
        }

        SimModel.Demand(listed.Count == 0, $"{bucket} lists keys that nobody wrote: {string.Join(", ", listed.Keys)}");
    }

    private async Task<Dictionary<string, StoredObject>> ListAsync(string bucket)
    {
        var listed = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        ReadOnlyMemory<byte> after = default;
        while (true)
        {
            var page = await world.Objects.ListObjectsAsync(
                bucket, new ListRequest(default, default, after, PageItems), default);
            SimModel.Demand(page.Value is not null, $"listing {bucket} answers {page.Error}");
            foreach (var item in page.Value!.Items)
            {
                listed.Add(Encoding.UTF8.GetString(item.Key.Span), item.Object!);
                after = item.Key;
            }

            if (!page.Value.IsTruncated)
            {
                return listed;
            }
        }
    }

    private async Task CheckUploadsAsync(string bucket, bool isThere)
    {
        var listed = isThere ? await ListUploadsAsync(bucket) : [];
        foreach (var upload in model.Uploads.Where(upload => upload.Bucket == bucket))
        {
            bool isListed = listed.Remove(upload.Id);
            Settle(upload.State, isListed ? SimModel.There : null, $"upload {upload.Operation}");
            if (isListed)
            {
                await CheckPartsAsync(upload.Bucket, Encoding.UTF8.GetBytes(upload.Key), upload.Id, upload);
                SimModel.Demand(
                    UploadIds.TryParse(upload.Id, out var id) && !_completed.Contains(id),
                    $"upload {upload.Operation} is both an object and under way");
            }
        }

        foreach (var (id, unknown) in listed)
        {
            string key = Encoding.UTF8.GetString(unknown.Path.Key.Span);
            SimModel.Demand(model.OpenCreations.Contains((bucket, key)), $"an upload of {bucket}/{key} nobody began");
            SimModel.Demand(
                await world.Objects.AbortUploadAsync(unknown.Path, id, default) == ObjectError.None,
                $"an upload of {bucket}/{key} cannot be aborted");
        }
    }

    private async Task<Dictionary<string, MultipartUpload>> ListUploadsAsync(string bucket)
    {
        var listed = new Dictionary<string, MultipartUpload>(StringComparer.Ordinal);
        ReadOnlyMemory<byte> key = default;
        string? marker = null;
        while (true)
        {
            var page = await world.Objects.ListUploadsAsync(
                bucket, new ListUploadsRequest(default, default, key, marker, PageItems), default);
            SimModel.Demand(page.Value is not null, $"listing uploads of {bucket} answers {page.Error}");
            foreach (var item in page.Value!.Items)
            {
                listed.Add(item.Upload!.UploadId, item.Upload);
                (key, marker) = (item.Key, item.Upload.UploadId);
            }

            if (!page.Value.IsTruncated)
            {
                return listed;
            }
        }
    }

    private async Task CheckPartsAsync(string bucket, byte[] key, string id, SimUpload upload)
    {
        var page = await world.Objects.ListPartsAsync(new ObjectPath(bucket, key), id, 0, 10_000, default);
        SimModel.Demand(page.Value is not null, $"listing parts of {upload.Operation} answers {page.Error}");
        var parts = page.Value!.Parts.ToDictionary(part => part.Number);
        foreach (var (number, register) in upload.Parts)
        {
            parts.Remove(number, out var part);
            Settle(register, part?.ETag, $"part {number} of upload {upload.Operation}");
            if (part is not null)
            {
                await SimReading.ReadPartAsync(world, model, part);
                Expand(part.Record.Blob, _reachable);
            }
        }

        SimModel.Demand(parts.Count == 0, $"upload {upload.Operation} has parts that nobody sent");
    }

    private void Settle(SimRegister register, string? value, string what)
    {
        long now = model.Tick();
        SimModel.Demand(
            register.Allows(value, now, now + 1),
            $"{what} is {value ?? "absent"} after the stop, allowed are {register.Describe(now, now + 1)}");
        register.Settle(value, now);
        model.Trace($"{what}: {value ?? "absent"}");
    }

    private void Expand(BlobId id, HashSet<BlobId> into)
    {
        if (into.Add(id))
        {
            foreach (var part in world.Durables.Parts.GetValueOrDefault(id) ?? [])
            {
                Expand(part, into);
            }
        }
    }
}
