using System.Globalization;

namespace Ambry.Bench.Cluster;

/// <summary>
/// What a gateway holds while 64 objects of 1 GiB go out and 64 come in at once. All uploads are under way at once and
/// are cut off when the disk's share is spent: three copies of 64 GiB fit on few disks, and memory is held by what
/// streams, not by what has streamed.
/// </summary>
internal sealed class MemoryCase : IClusterCase
{
    private const string Bucket = "memory";
    private const int Streams = 64;
    private const long ObjectBytes = 1L << 30;

    /// <summary>Content of uploads; on the disk three times as much.</summary>
    private const long UploadBytesMax = 8L << 30;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(250);

    private long _uploaded;
    private long _downloaded;
    private int _failures;

    public string Name => "memory";

    public async Task RunAsync(ClusterContext context, CancellationToken token)
    {
        long objectBytes = context.IsQuick ? ObjectBytes / 16 : ObjectBytes;
        long uploadMax = context.IsQuick ? UploadBytesMax / 16 : UploadBytesMax;
        await using var cluster =
            await LocalCluster.StartAsync(context.Repository, context.NewFolder("memory"), 3, token);
        await Buckets.CreateAsync(cluster.Target, Bucket, token);
        using (var content = new StreamContent(new CountedContent(objectBytes, () => { }, token)))
        {
            content.Headers.ContentLength = objectBytes;
            await Buckets.PutAsync(cluster.Target, $"/{Bucket}/source", content, token);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(token);
        var sampling = SampleAsync(cluster.GatewayProcess, end.Token);
        using var cutOff = CancellationTokenSource.CreateLinkedTokenSource(token);
        var uploads = Enumerable.Range(0, Streams)
            .Select(number => UploadAsync(cluster.Target, number, objectBytes, uploadMax, cutOff)).ToList();
        var downloads = Enumerable.Range(0, Streams)
            .Select(_ => DownloadAsync(cluster.Target, objectBytes, token)).ToList();
        await Task.WhenAll(downloads.Concat(uploads));
        await end.CancelAsync();
        var (idle, peak) = await sampling;
        context.Report.Add("memory", "gateway before, resident", "MiB", [idle]);
        context.Report.Add(
            "memory", "gateway, 64 GETs and 64 PUTs of 1 GiB, peak resident", "MiB", [peak], Engine.Target.Below(512));
        context.Report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"memory: {_downloaded >> 20} MiB read, {_uploaded >> 20} MiB written, {_failures} streams failed."));
    }

    private static async Task<(double Before, double Peak)> SampleAsync(int process, CancellationToken token)
    {
        double before = await ResidentMebibytesAsync(process);
        double peak = before;
        using var timer = new PeriodicTimer(SampleEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(token))
            {
                peak = Math.Max(peak, await ResidentMebibytesAsync(process));
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return (before, peak);
        }

        return (before, peak);
    }

    private static async Task<double> ResidentMebibytesAsync(int process)
    {
        foreach (string line in await File.ReadAllLinesAsync($"/proc/{process}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                string kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
                return double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
            }
        }

        throw new InvalidOperationException($"Process {process} has no resident memory.");
    }

    private async Task UploadAsync(
        S3Target target, int number, long objectBytes, long uploadMax, CancellationTokenSource cutOff)
    {
        try
        {
            var body = new CountedContent(objectBytes, CountUploaded, cutOff.Token);
            using var content = new StreamContent(body, CountedContent.PieceBytes);
            content.Headers.ContentLength = objectBytes;
            string key = string.Create(CultureInfo.InvariantCulture, $"/{Bucket}/up/{number:D2}");
            await Buckets.PutAsync(target, key, content, cutOff.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or HttpRequestException
            or InvalidOperationException)
        {
            if (!cutOff.IsCancellationRequested)
            {
                Interlocked.Increment(ref _failures);
                Console.Error.WriteLine($"  upload {number}: {fault.Message}");
            }
        }

        void CountUploaded()
        {
            if (Interlocked.Add(ref _uploaded, CountedContent.PieceBytes) > uploadMax)
            {
                cutOff.Cancel();
            }
        }
    }

    private async Task DownloadAsync(S3Target target, long objectBytes, CancellationToken token)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpMessageInvoker(handler);
        string path = $"/{Bucket}/source";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.Endpoint, path));
        target.ToSigner().Sign(request, path, "", TimeProvider.System.GetUtcNow());
        using var answer = await http.SendAsync(request, token);
        long got = 0;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(token);
            byte[] buffer = new byte[CountedContent.PieceBytes];
            while (await body.ReadAsync(buffer, token) is > 0 and var read)
            {
                got += read;
                Interlocked.Add(ref _downloaded, read);
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            Console.Error.WriteLine($"  download: {fault.Message}");
        }

        if (got != objectBytes)
        {
            Interlocked.Increment(ref _failures);
        }
    }
}
