using Ambry.Objects;

namespace Ambry.Testing.Simulation;

/// <content>Multipart uploads, which clients share: parts are sent again, and completions race.</content>
internal sealed partial class SimClient
{
    private const int PartNumbers = 4;

    /// <summary>The newest uploads, ended or not: so few that clients meet.</summary>
    private SimUpload? PickUpload() =>
        model.Uploads.Count == 0 ? null : model.Uploads[^(1 + random.Next(Math.Min(3, model.Uploads.Count)))];

    private async Task CreateUploadAsync(int operation)
    {
        string bucket = PickBucket();
        string key = random.Next(4) == 0 && bucket == Lasting[0] ? Pick(OnceNames) : Pick(Names);
        var request = new CreateUploadRequest(Owner, HeadersOf(operation), MetadataOf(operation), null, false);
        long start = model.Tick();
        var answer = await CallAsync(
            $"begin upload of {bucket}/{key}",
            () => world.Objects.CreateUploadAsync(Path(bucket, key), request, _token));
        if (answer.IsOpen)
        {
            model.OpenCreations.Add((bucket, key));
        }
        else if (answer.IsAnswer && !CheckNoBucket(answer.Error, bucket, start))
        {
            var upload = new SimUpload(answer.Value!.UploadId, bucket, key, operation);
            upload.State.Settle(SimModel.There, model.Tick());
            model.Uploads.Add(upload);
        }
    }

    private async Task PutPartAsync(int operation)
    {
        if (PickUpload() is not { } upload)
        {
            return;
        }

        int number = 1 + random.Next(PartNumbers);
        byte[] content = NewContent(operation, out string etag);
        int? breaksAt = random.Next(12) == 0 && content.Length > 0 ? random.Next(content.Length) : null;
        var body = new ObjectContent(
            new SimBody(content, breaksAt, random), content.Length, () => new ContentDigest(etag, []));
        var register = upload.Part(number);
        long start = model.Tick();
        var write = register.Begin(start, etag);
        var answer = await CallAsync(
            $"part {number} of {upload.Bucket}/{upload.Key} {upload.Operation}",
            () => world.Objects.PutPartAsync(
                Path(upload.Bucket, upload.Key), upload.Id, number, body, _token));
        if (answer.IsOpen)
        {
            return;
        }

        if (answer.Error == ObjectError.None)
        {
            write.Acknowledge(model.Tick());
            CheckSeen(upload.State, SimModel.There, start, "a part was taken");
            return;
        }

        register.Withdraw(write);
        if (!answer.IsBroken)
        {
            CheckUploadGone(upload, answer.Error, start);
        }
    }

    private async Task CompleteAsync(int operation)
    {
        if (PickUpload() is not { } upload || await ListPartsAsync(upload) is not { Count: > 0 } listed)
        {
            return;
        }

        var used = listed.Where(_ => random.Next(4) != 0).ToList();
        if (used.Count == 0)
        {
            used = listed;
        }

        string etag = "c" + SimModel.Text(operation);
        model.Contents[etag] = [.. used.SelectMany(part => model.Contents[part.ETag])];
        bool isOnce = OnceNames.Contains(upload.Key);
        var condition = isOnce || random.Next(5) == 0 ? new ObjectCondition(IfNoneMatch: "*") : default;
        await CompleteAsync(upload, new CompleteUploadRequest(Owner, used, etag, null, condition));
    }

    private async Task CompleteAsync(SimUpload upload, CompleteUploadRequest request)
    {
        string identity = SimModel.Identity(request.ETag, SimModel.Text(upload.Operation));
        var register = model.Key(upload.Bucket, upload.Key);
        long start = model.Tick();
        var write = register.Begin(start, identity);
        var end = upload.State.Begin(start, null);
        var answer = await CallAsync(
            $"complete {upload.Bucket}/{upload.Key} {upload.Operation}",
            () => world.Objects.CompleteUploadAsync(
                Path(upload.Bucket, upload.Key), upload.Id, request, _token));
        if (answer.IsOpen)
        {
            return;
        }

        bool isWinner = answer.Value is not null && SimModel.Identity(answer.Value) == identity;
        if (isWinner)
        {
            end.Acknowledge(model.Tick());
            model.Win("upload " + upload.Id);
            if (OnceNames.Contains(upload.Key))
            {
                model.Win("once " + upload.Key);
            }
        }
        else
        {
            upload.State.Withdraw(end);
        }

        if (answer.Value is not null && !isWinner)
        {
            // Another Complete of the same upload was first: what it made is the answer.
            register.Withdraw(write);
            CheckSeen(register, SimModel.Identity(answer.Value), start, "a second Complete");
            CheckSeen(upload.State, null, start, "a second Complete");
            return;
        }

        EndWrite(register, write, answer, start, upload.Bucket, request.Condition);
        if (answer.Error == ObjectError.NoSuchUpload)
        {
            CheckUploadGone(upload, answer.Error, start);
        }
    }

    private async Task AbortAsync()
    {
        if (PickUpload() is { } upload)
        {
            await AbortAsync(upload);
        }
    }

    private async Task AbortAsync(SimUpload upload)
    {
        long start = model.Tick();
        var end = upload.State.Begin(start, null);
        var answer = await CallAsync(
            $"abort {upload.Bucket}/{upload.Key} {upload.Operation}",
            async () => new Outcome<StoredObject>(
                await world.Objects.AbortUploadAsync(Path(upload.Bucket, upload.Key), upload.Id, _token), null));
        if (answer is { IsOpen: false, Error: ObjectError.None })
        {
            end.Acknowledge(model.Tick());
        }
        else if (!answer.IsOpen)
        {
            upload.State.Withdraw(end);
            if (!answer.IsBroken)
            {
                CheckUploadGone(upload, answer.Error, start);
            }
        }
    }

    /// <returns>Null when there is no answer.</returns>
    private async Task<List<StoredPart>?> ListPartsAsync(SimUpload upload)
    {
        long start = model.Tick();
        var answer = await CallAsync(
            $"list parts of {upload.Bucket}/{upload.Key} {upload.Operation}",
            () => world.Objects.ListPartsAsync(
                Path(upload.Bucket, upload.Key), upload.Id, 0, PartNumbers + 1, _token));
        if (!answer.IsAnswer)
        {
            return null;
        }

        if (answer.Value is null)
        {
            CheckUploadGone(upload, answer.Error, start);
            return null;
        }

        long end = model.Tick();
        var seen = answer.Value.Parts.ToDictionary(part => part.Number, part => part.ETag);
        bool mayBeGone = upload.State.Allows(null, start, end);
        foreach (var (number, register) in upload.Parts)
        {
            string? etag = seen.GetValueOrDefault(number);
            SimModel.Demand(
                register.Allows(etag, start, end) || (etag is null && mayBeGone),
                $"part {number} of {upload.Operation} is {etag ?? "absent"}, "
                    + $"allowed are {register.Describe(start, end)}");
        }

        return [.. answer.Value.Parts];
    }

    private void CheckUploadGone(SimUpload upload, ObjectError error, long start)
    {
        if (!CheckNoBucket(error, upload.Bucket, start) && error == ObjectError.NoSuchUpload)
        {
            CheckSeen(upload.State, null, start, $"{model.LastEvent}: upload {upload.Operation}");
        }
    }
}
