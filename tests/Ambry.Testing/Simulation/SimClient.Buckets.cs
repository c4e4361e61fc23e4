using System.Text;
using Ambry.Objects;

namespace Ambry.Testing.Simulation;

/// <content>Buckets and listings.</content>
internal sealed partial class SimClient
{
    /// <summary>For the end of a run: everything away, and the buckets too, which must then be empty.</summary>
    public async Task RemoveEverythingAsync()
    {
        _current = model.NextOperation();
        foreach (var (bucket, keys) in model.Keys)
        {
            foreach (string key in keys.Keys)
            {
                await DeleteAsync(bucket, key);
            }
        }

        foreach (var upload in model.Uploads)
        {
            await AbortAsync(upload);
        }

        foreach (string bucket in model.Buckets.Keys)
        {
            var error = await DeleteBucketAsync(bucket);
            SimModel.Demand(
                error is ObjectError.None or ObjectError.NoSuchBucket,
                $"the emptied bucket {bucket} cannot be deleted: {error}");
        }
    }

    private async Task CreateBucketAsync(string name)
    {
        var register = model.Bucket(name);
        long start = model.Tick();
        var write = register.Begin(start, SimModel.There);
        var answer = await CallAsync(
            $"create bucket {name}", () => world.Objects.CreateBucketAsync(name, Owner, "here", _token));
        if (answer.IsOpen)
        {
            return;
        }

        if (answer.Error == ObjectError.None)
        {
            write.Acknowledge(model.Tick());
            CheckSeen(register, null, start, $"bucket {name} created");
            return;
        }

        register.Withdraw(write);
        if (answer.IsBroken)
        {
            return;
        }

        if (answer.Error == ObjectError.Busy)
        {
            CheckSeen(register, null, start, $"bucket {name} is being deleted");
            return;
        }

        SimModel.Demand(answer.Error == ObjectError.BucketExists, $"create bucket {name} answers {answer.Error}");
        CheckSeen(register, SimModel.There, start, $"create bucket {name}");
    }

    private async Task<ObjectError?> DeleteBucketAsync(string name)
    {
        var register = model.Bucket(name);
        long start = model.Tick();
        var write = register.Begin(start, null);
        var answer = await CallAsync(
            $"delete bucket {name}",
            async () => new Outcome<Bucket>(await world.Objects.DeleteBucketAsync(name, _token), null));
        if (answer.IsOpen)
        {
            return null;
        }

        if (answer.IsBroken)
        {
            register.Withdraw(write);
            return null;
        }

        long end = model.Tick();
        switch (answer.Error)
        {
            case ObjectError.None:
                write.Acknowledge(end);
                CheckEmptied(name, start, end);
                break;
            case ObjectError.NoSuchBucket:
                register.Withdraw(write);
                CheckSeen(register, null, start, $"delete bucket {name}");
                break;
            default:
                // While it was tried the bucket was not there for others.
                write.End = end;
                write.IsPassing = true;
                break;
        }

        return answer.Error;
    }

    private async Task EmptyAndDeleteBucketAsync(string name)
    {
        foreach (string key in Names)
        {
            await DeleteAsync(name, key);
        }

        foreach (var upload in model.Uploads.Where(upload => upload.Bucket == name).ToList())
        {
            await AbortAsync(upload);
        }

        await DeleteBucketAsync(name);
    }

    private void CheckEmptied(string bucket, long start, long end)
    {
        foreach (var (key, register) in model.Keys.Where(b => b.Key == bucket).SelectMany(b => b.Value))
        {
            SimModel.Demand(
                register.Allows(null, start, end),
                $"bucket {bucket} was deleted over {key}: {register.Describe(start, end)}");
        }

        foreach (var upload in model.Uploads.Where(upload => upload.Bucket == bucket))
        {
            SimModel.Demand(
                upload.State.Allows(null, start, end), $"bucket {bucket} was deleted over upload {upload.Operation}");
        }
    }

    /// <summary>A listing page by page: each name as it was at some moment between begin and end.</summary>
    private async Task ListAsync()
    {
        string bucket = PickBucket();
        long start = model.Tick();
        var seen = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        ReadOnlyMemory<byte> after = default;
        bool more = true;
        while (more)
        {
            var request = new ListRequest(default, default, after, 1 + random.Next(4));
            var answer = await CallAsync(
                $"list {bucket}", () => world.Objects.ListObjectsAsync(bucket, request, _token));
            if (!answer.IsAnswer || CheckNoBucket(answer.Error, bucket, start))
            {
                return;
            }

            foreach (var item in answer.Value!.Items)
            {
                SimModel.Demand(
                    after.Span.SequenceCompareTo(item.Key.Span) < 0, $"the listing of {bucket} is out of order");
                after = item.Key;
                seen.Add(Encoding.UTF8.GetString(item.Key.Span), item.Object!);
            }

            more = answer.Value.IsTruncated;
        }

        CheckListed(bucket, seen, start);
    }

    private void CheckListed(string bucket, Dictionary<string, StoredObject> seen, long start)
    {
        long end = model.Tick();
        foreach (var (key, register) in model.Keys.Where(b => b.Key == bucket).SelectMany(b => b.Value))
        {
            string? identity = seen.Remove(key, out var stored) ? SimModel.Identity(stored) : null;

            // A bucket that was deleted and made again under a listing lists what is left of it.
            SimModel.Demand(
                register.Allows(identity, start, end)
                    || (identity is null && model.Bucket(bucket).Allows(null, start, end)),
                $"{bucket}/{key} is listed as {identity ?? "absent"}, allowed are {register.Describe(start, end)}");
        }

        SimModel.Demand(seen.Count == 0, $"{bucket} lists keys that nobody wrote: {string.Join(", ", seen.Keys)}");
    }
}
