using System.Text;
using Ambry.Objects;

namespace Ambry.Testing.Simulation;

/// <summary>
/// A client that does one operation after the other, as its seed says, and holds every answer against the model. While
/// nothing has stopped, no answer but a proper one is accepted. For one thread only.
/// </summary>
internal sealed partial class SimClient(SimWorld world, SimModel model, Func<bool> isStopped, Random random)
{
    private const string Owner = "sim";

    private static readonly string[] Lasting = ["alpha", "beta"];
    private static readonly string[] Names = ["a", "b", "c", "dir/a", "dir/b", "dir/c/d"];

    /// <summary>Written only if absent, and never removed: one winner for ever.</summary>
    private static readonly string[] OnceNames = ["once-1", "once-2", "once-3"];

    /// <summary>Written only over the version that was seen: one winner for each version.</summary>
    private const string SwapName = "swap";

    private const string TemporaryBucket = "temporary";

    /// <summary>Turns after which an impatient client has hung up: about as long as an operation takes.</summary>
    private const int PatienceTurns = 120;

    private int _current;

    // Cancelled when the client hangs up; the operations of a patient one never are.
    private CancellationToken _token;

    public async Task RunAsync(int operations, Func<bool> isOff)
    {
        for (int i = 0; i < operations && !isOff(); i++)
        {
            _current = model.NextOperation();
            SimPeers.CurrentOperation = _current;
            if (random.Next(8) == 0)
            {
                await RunImpatientlyAsync(_current);
            }
            else
            {
                await RunOneAsync(_current);
            }
        }
    }

    public async Task CreateLastingBucketsAsync()
    {
        foreach (string bucket in Lasting)
        {
            await CreateBucketAsync(bucket);
        }
    }

    private async Task RunImpatientlyAsync(int operation)
    {
        using var hangUp = new CancellationTokenSource();
        _token = hangUp.Token;
        var waiting = HangUpAsync(hangUp, random.Next(PatienceTurns));
        await RunOneAsync(operation);
        await waiting;
        _token = CancellationToken.None;
    }

    private static async Task HangUpAsync(CancellationTokenSource hangUp, int turns)
    {
        while (turns-- > 0)
        {
            await Task.Yield();
        }

        // Its callbacks run here and now, as everything must.
        hangUp.Cancel();
    }

    private Task RunOneAsync(int operation) => random.Next(100) switch
    {
        < 24 => PutAsync(operation),
        < 30 => SwapAsync(operation),
        < 36 => PutOnceAsync(operation),
        < 46 => DeleteAsync(),
        < 60 => CopyAsync(operation),
        < 68 => ReadAsync(),
        < 72 => ListAsync(),
        < 77 => CreateUploadAsync(operation),
        < 87 => PutPartAsync(operation),
        < 93 => CompleteAsync(operation),
        < 95 => AbortAsync(),
        < 97 => CreateBucketAsync(TemporaryBucket),
        < 99 => DeleteBucketAsync(TemporaryBucket),
        _ => EmptyAndDeleteBucketAsync(TemporaryBucket),
    };

    private async Task PutAsync(int operation)
    {
        var condition = random.Next(5) == 0 ? new ObjectCondition(IfNoneMatch: "*") : default;
        int? breaksAt = random.Next(10) == 0 ? random.Next(5000) : null;
        await PutAsync(operation, PickBucket(), Pick(Names), condition, breaksAt);
    }

    private async Task PutOnceAsync(int operation)
    {
        string name = Pick(OnceNames);
        var ifAbsent = new ObjectCondition(IfNoneMatch: "*");
        if (await PutAsync(operation, Lasting[0], name, ifAbsent, null) == ObjectError.None)
        {
            model.Win("once " + name);
        }
    }

    private async Task SwapAsync(int operation)
    {
        var seen = await FindAsync(Lasting[0], SwapName);
        if (!seen.IsAnswer)
        {
            return;
        }

        var condition = seen.Value is null
            ? new ObjectCondition(IfNoneMatch: "*")
            : new ObjectCondition(IfMatch: seen.Value.ETag);
        if (await PutAsync(operation, Lasting[0], SwapName, condition, null) == ObjectError.None)
        {
            model.Win($"swap {seen.Value?.ETag}");
        }
    }

    /// <returns>Null when the outcome is open.</returns>
    private async Task<ObjectError?> PutAsync(
        int operation, string bucket, string key, ObjectCondition condition, int? breaksAt)
    {
        byte[] content = NewContent(operation, out string etag);
        var register = model.Key(bucket, key);
        long start = model.Tick();
        var write = register.Begin(start, SimModel.Identity(etag, SimModel.Text(operation)));
        var body = new SimBody(content, breaksAt < content.Length ? breaksAt : null, random);
        var request = new PutObjectRequest(
            Owner,
            new ObjectContent(body, random.Next(2) == 0 ? content.Length : null, () => new ContentDigest(etag, [])),
            HeadersOf(operation),
            MetadataOf(operation),
            condition);
        var answer = await CallAsync(
            $"put {bucket}/{key}", () => world.Objects.PutObjectAsync(Path(bucket, key), request, _token));
        EndWrite(register, write, answer, start, bucket, condition);
        return answer.IsOpen ? null : answer.Error;
    }

    private async Task CopyAsync(int operation)
    {
        string bucket = PickBucket();
        string key = Pick(Names);
        string targetBucket = PickBucket();
        string target = random.Next(4) == 0 ? key : Pick(Names);
        var condition = random.Next(6) == 0 ? new ObjectCondition(IfNoneMatch: "*") : default;
        var source = model.Key(bucket, key);
        var register = model.Key(targetBucket, target);
        long start = model.Tick();
        var write = register.Begin(start);
        var answer = await CallAsync(
            $"copy {bucket}/{key} to {targetBucket}/{target}",
            () => world.Objects.CopyObjectAsync(Path(bucket, key), Path(targetBucket, target), Decide, _token));
        if (answer is { IsOpen: false, Error: ObjectError.NoSuchKey })
        {
            CheckSeen(source, null, start, $"copy found no source {bucket}/{key}");
        }

        if (answer.Error == ObjectError.NoSuchBucket)
        {
            register.Withdraw(write);
            long end = model.Tick();
            SimModel.Demand(
                model.Bucket(bucket).Allows(null, start, end) || model.Bucket(targetBucket).Allows(null, start, end),
                $"copy from {bucket} to {targetBucket} found no bucket");
            return;
        }

        EndWrite(register, write, answer, start, targetBucket, condition);

        CopyObjectRequest Decide(StoredObject seen)
        {
            CheckSeen(source, SimModel.Identity(seen), start, $"copy saw {bucket}/{key}");
            write.Set(SimModel.Identity(seen.ETag, SimModel.Text(operation)));
            model.NoteCopy(operation, seen.Entry.Handle.Id);
            return new CopyObjectRequest(
                Owner, HeadersOf(operation), MetadataOf(operation), seen.Checksum, condition);
        }
    }

    private async Task DeleteAsync()
    {
        string bucket = PickBucket();
        await DeleteAsync(bucket, Pick(Names));
    }

    private async Task DeleteAsync(string bucket, string key)
    {
        var register = model.Key(bucket, key);
        long start = model.Tick();
        var write = register.Begin(start, null);
        var answer = await CallAsync(
            $"delete {bucket}/{key}",
            async () => new Outcome<StoredObject>(
                await world.Objects.DeleteObjectAsync(Path(bucket, key), default, _token), null));
        EndWrite(register, write, answer, start, bucket, default);
        if (answer is { IsOpen: false, Error: ObjectError.NoSuchKey })
        {
            CheckSeen(register, null, start, $"delete found no {bucket}/{key}");
        }
    }

    private async Task<Answer<StoredObject>> FindAsync(string bucket, string key)
    {
        long start = model.Tick();
        var found = await CallAsync(
            $"find {bucket}/{key}", () => world.Objects.FindObjectAsync(Path(bucket, key), _token));
        if (!found.IsAnswer || CheckNoBucket(found.Error, bucket, start))
        {
            return found;
        }

        string? identity = found.Value is null ? null : SimModel.Identity(found.Value);
        CheckSeen(model.Key(bucket, key), identity, start, $"find {bucket}/{key}");
        return found;
    }

    private async Task ReadAsync()
    {
        string bucket = PickBucket();
        var found = await FindAsync(bucket, Pick(Names));
        if (found.Value is null)
        {
            return;
        }

        long size = found.Value.SizeBytes;
        long offset = random.Next(3) == 0 ? random.NextInt64(size + 1) : 0;
        long length = offset == 0 ? size : random.NextInt64(size - offset + 1);
        try
        {
            await SimReading.ReadAsync(world, model, found.Value, offset, length);
        }
        catch (Exception fault) when (isStopped() && fault is IOException or SimulationFault)
        {
            model.Trace("read stopped");
        }
    }

    /// <summary>Ends a write in its register as the answer says, and checks what the answer implies.</summary>
    private void EndWrite(
        SimRegister register,
        SimRegister.Write write,
        Answer<StoredObject> answer,
        long start,
        string bucket,
        ObjectCondition condition)
    {
        if (answer.IsOpen)
        {
            return;
        }

        long end = model.Tick();
        if (answer.Error == ObjectError.None)
        {
            write.Acknowledge(end);
            bool held = condition.IfNoneMatch is null
                ? condition.IfMatch is not { } etag || register.AllowsAny(seen => HasETag(seen, etag), start, end)
                : register.Allows(null, start, end);
            SimModel.Demand(
                held, $"{model.LastEvent}: {condition} cannot have held of {register.Describe(start, end)}");
            return;
        }

        register.Withdraw(write);
        SimModel.Demand(answer.Error != ObjectError.Busy, $"{model.LastEvent}: so few are no crowd");
        if (!answer.IsBroken
            && !CheckNoBucket(answer.Error, bucket, start)
            && answer.Error == ObjectError.PreconditionFailed)
        {
            bool refused = condition.IfNoneMatch is null
                ? register.AllowsAny(seen => !HasETag(seen, condition.IfMatch!), start, end)
                : register.AllowsAny(seen => seen is not null, start, end);
            SimModel.Demand(refused, $"{model.LastEvent}: {condition} must have held");
        }
    }

    private bool CheckNoBucket(ObjectError error, string bucket, long start)
    {
        if (error != ObjectError.NoSuchBucket)
        {
            return false;
        }

        SimModel.Demand(
            model.Bucket(bucket).Allows(null, start, model.Tick()),
            $"{model.LastEvent}: the bucket {bucket} was there");
        return true;
    }

    private void CheckSeen(SimRegister register, string? value, long start, string what)
    {
        long end = model.Tick();
        SimModel.Demand(
            register.Allows(value, start, end),
            $"{what}: saw {value ?? "absent"}, allowed are {register.Describe(start, end)}");
    }

    private static bool HasETag(string? identity, string etag) =>
        identity?.StartsWith(etag + "|", StringComparison.Ordinal) ?? false;

    private static ObjectPath Path(string bucket, string key) => new(bucket, Encoding.UTF8.GetBytes(key));

    private static KeyValuePair<string, string>[] HeadersOf(int operation) =>
        [new("Content-Type", "sim/" + SimModel.Text(operation))];

    private static KeyValuePair<string, string>[] MetadataOf(int operation) =>
        [new(SimModel.OperationName, SimModel.Text(operation)), new("filler", new string('x', operation % 700))];

    private string PickBucket() => random.Next(6) == 0 ? TemporaryBucket : Pick(Lasting);

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>Nothing, less than a chunk, exactly some chunks, or several and a bit.</summary>
    private byte[] NewContent(int operation, out string etag)
    {
        int length = random.Next(8) switch
        {
            0 => 0,
            1 => SimWorld.ChunkBytes,
            2 => SimWorld.ChunkBytes * (2 + random.Next(3)),
            3 or 4 => 1 + random.Next(SimWorld.ChunkBytes * 4),
            _ => 1 + random.Next(SimWorld.ChunkBytes),
        };
        byte[] content = new byte[length];
        random.NextBytes(content);
        etag = "e" + SimModel.Text(operation);
        model.Contents[etag] = content;
        return content;
    }

    /// <summary>Makes a call and sorts what comes back: a proper answer, or an outcome that a stop left open.</summary>
    private async Task<Answer<T>> CallAsync<T>(string what, Func<ValueTask<Outcome<T>>> call)
        where T : class
    {
        int operation = _current;
        try
        {
            var outcome = await call();
            model.Trace($"{operation} {what}: {outcome.Error}");
            bool isOpen = outcome.Error is ObjectError.Unavailable or ObjectError.Internal or ObjectError.Corrupt
                or ObjectError.InsufficientCapacity;
            SimModel.Demand(
                !isOpen || isStopped(), $"{what} answers {outcome.Error} though nothing has stopped");
            return End(new Answer<T>(isOpen, outcome.Error, outcome.Value));
        }
        catch (SimBodyBrokenException)
        {
            model.Trace($"{operation} {what}: the body broke off");
            return End(new Answer<T>(false, ObjectError.PreconditionFailed, null) { IsBroken = true });
        }
        catch (OperationCanceledException) when (_token.IsCancellationRequested)
        {
            // Thrown only while nothing has been changed: the outcome is known.
            model.Trace($"{operation} {what}: the client hung up");
            return End(new Answer<T>(false, ObjectError.PreconditionFailed, null) { IsBroken = true });
        }
        catch (IOException fault) when (isStopped())
        {
            model.Trace($"{operation} {what}: {fault.GetType().Name}");
            return End(new Answer<T>(true, ObjectError.Unavailable, null));
        }

        Answer<T> End(Answer<T> answer)
        {
            model.EndOperation(operation, answer.IsOpen, isStopped(), answer.Error == ObjectError.None);
            return answer;
        }
    }

    private readonly record struct Answer<T>(bool IsOpen, ObjectError Error, T? Value)
        where T : class
    {
        /// <summary>The client ended it, and it had no effect.</summary>
        public bool IsBroken { get; init; }

        /// <summary>There is something to compare.</summary>
        public bool IsAnswer => !IsOpen && !IsBroken;
    }
}
