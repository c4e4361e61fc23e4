namespace Ambry.Bench.Cluster;

/// <summary>Single requests around a measurement.</summary>
internal static class Buckets
{
    public static Task CreateAsync(S3Target target, string bucket, CancellationToken token) =>
        SendAsync(target, HttpMethod.Put, $"/{bucket}", null, token);

    public static Task PutAsync(S3Target target, string path, HttpContent content, CancellationToken token) =>
        SendAsync(target, HttpMethod.Put, path, content, token);

    private static async Task SendAsync(
        S3Target target, HttpMethod method, string path, HttpContent? content, CancellationToken token)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(method, new Uri(target.Endpoint, path)) { Content = content };
        target.ToSigner().Sign(request, path, "", TimeProvider.System.GetUtcNow());
        using var answer = await http.SendAsync(request, token);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(token)}");
        }
    }
}
