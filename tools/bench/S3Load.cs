using System.Globalization;
using System.Net;

namespace Ambry.Bench;

/// <summary>Sends signed requests from a number of loops, each waiting for its answer before the next.</summary>
internal sealed class S3Load
{
    private readonly Uri _endpoint;
    private readonly string _bucket;
    private readonly string _operation;
    private readonly int _keys;
    private readonly byte[] _content;
    private readonly TimeProvider _time;
    private readonly HeaderSigner _signer;
    private int _next;
    private int _errors;

    public S3Load(S3Target target, string bucket, string operation, int size, int keys, TimeProvider time)
    {
        _endpoint = target.Endpoint;
        _bucket = bucket;
        _operation = operation;
        _keys = keys;
        _time = time;
        _content = new byte[size];
        new Random(1).NextBytes(_content);
        _signer = target.ToSigner();
    }

    public async Task<LoadResult> RunAsync(int connections, TimeSpan length, CancellationToken token)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false };
        using var http = new HttpMessageInvoker(handler);
        long start = _time.GetTimestamp();
        var loops = Enumerable.Range(0, connections)
            .Select(_ => Task.Run(() => LoopAsync(http, start, length, token), token)).ToList();
        double[][] samples = await Task.WhenAll(loops);
        var elapsed = _time.GetElapsedTime(start);
        double[] sorted = [.. samples.SelectMany(sample => sample).Order()];
        return new LoadResult(_operation, sorted.Length, _errors, elapsed, sorted);
    }

    private async Task<double[]> LoopAsync(
        HttpMessageInvoker http, long start, TimeSpan length, CancellationToken token)
    {
        var samples = new List<double>();
        var buffer = new byte[64 * 1024];
        while (_time.GetElapsedTime(start) < length)
        {
            using var request = Next();
            long sent = _time.GetTimestamp();
            using var answer = await http.SendAsync(request, token);
            await using var body = await answer.Content.ReadAsStreamAsync(token);
            while (await body.ReadAsync(buffer, token) > 0)
            {
            }

            samples.Add(_time.GetElapsedTime(sent).TotalMilliseconds);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                Interlocked.Increment(ref _errors);
            }
        }

        return [.. samples];
    }

    private HttpRequestMessage Next()
    {
        int number = Interlocked.Increment(ref _next) % _keys;
        string key = string.Create(CultureInfo.InvariantCulture, $"/{_bucket}/k/{number:D8}");
        var (method, path, query) = _operation switch
        {
            "put" => (HttpMethod.Put, key, ""),
            "get" => (HttpMethod.Get, key, ""),
            "head" => (HttpMethod.Head, key, ""),
            _ => (HttpMethod.Get, $"/{_bucket}", "list-type=2&max-keys=1000"),
        };
        var request = new HttpRequestMessage(method, new Uri(_endpoint, query.Length == 0 ? path : $"{path}?{query}"));
        if (method == HttpMethod.Put)
        {
            request.Content = new ByteArrayContent(_content);
        }

        _signer.Sign(request, path, query, _time.GetUtcNow());
        return request;
    }
}
