using System.Net;
using System.Net.Http.Headers;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// Asks admin listeners. What does not work out is an answer, not an exception; every request has a limit of time and
/// of bytes. Thread safe.
/// </summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>The map of a hundred thousand partitions takes half of it.</summary>
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    /// <summary>A node opens new stores before it answers.</summary>
    private static readonly TimeSpan PutLimit = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;

    public AdminClient(string? bearer)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectLimit,
            AllowAutoRedirect = false,

            // A listener for operators is never behind the proxy of a web browser.
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        if (!string.IsNullOrEmpty(bearer))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }
    }

    public Task<AdminAnswer> GetAsync(DataNodeId admin, string pathAndQuery, CancellationToken token) =>
        SendAsync(admin, pathAndQuery, HttpMethod.Get, RequestLimit, _ => { }, token);

    /// <summary>The same with another limit of time.</summary>
    public Task<AdminAnswer> GetAsync(
        DataNodeId admin, string pathAndQuery, TimeSpan limit, CancellationToken token) =>
        SendAsync(admin, pathAndQuery, HttpMethod.Get, limit, _ => { }, token);

    /// <summary>Gives a node a map that was made of its version <paramref name="baseVersion"/>.</summary>
    public Task<AdminAnswer> PutMapAsync(DataNodeId admin, byte[] map, long baseVersion, CancellationToken token) =>
        SendAsync(
            admin,
            "/cluster/map",
            HttpMethod.Put,
            PutLimit,
            request =>
            {
                request.Content = new ByteArrayContent(map);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                request.Headers.TryAddWithoutValidation("If-Match", Words.Number(baseVersion));
            },
            token);

    public void Dispose() => _http.Dispose();

    private async Task<AdminAnswer> SendAsync(
        DataNodeId admin,
        string pathAndQuery,
        HttpMethod method,
        TimeSpan limit,
        Action<HttpRequestMessage> prepare,
        CancellationToken token)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(token);
        timed.CancelAfter(limit);
        try
        {
            var root = new UriBuilder(Uri.UriSchemeHttp, admin.Host, admin.Port).Uri;
            using var request = new HttpRequestMessage(method, new Uri(root, pathAndQuery));
            prepare(request);
            using HttpResponseMessage answer = await _http.SendAsync(request, timed.Token);
            return new AdminAnswer(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(timed.Token), null);
        }
        catch (Exception fault) when (fault is HttpRequestException or UriFormatException)
        {
            return new AdminAnswer(null, [], $"not reachable: {fault.Message}");
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return new AdminAnswer(null, [], $"no answer within {limit.TotalSeconds:F0} s");
        }
    }
}

/// <param name="Status">Null when there was no answer; then <paramref name="Fault"/> says why.</param>
internal readonly record struct AdminAnswer(HttpStatusCode? Status, byte[] Body, string? Fault)
{
    private const int MaxShownCharacters = 300;

    public bool IsSuccess => Status is { } status && (int)status is >= 200 and < 300;

    /// <summary>What went wrong, in a line.</summary>
    public string Problem
    {
        get
        {
            if (Fault is not null)
            {
                return Fault;
            }

            string text = System.Text.Encoding.UTF8.GetString(Body).Trim();
            text = text.Length > MaxShownCharacters ? text[..MaxShownCharacters] + "..." : text;
            return Status == HttpStatusCode.Unauthorized
                ? "it wants the admin token: --token, or AMBRY_ADMIN_TOKEN"
                : $"{(int)Status!.Value} {Status} {text.ReplaceLineEndings(" ")}".TrimEnd();
        }
    }
}
