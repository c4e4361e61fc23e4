using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ambry.Integration.Tests.Support;

/// <summary>
/// A client that sends exactly the bytes it is given: for what no SDK will send. Each read gives up after a while, so
/// that a server that hangs fails the test. One request at a time.
/// </summary>
public sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(60);

    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly List<byte> _pending = [];
    private NetworkStream _stream = null!;

    public static Task<RawConnection> OpenAsync(AmbryProcess ambry) => OpenAsync(ambry.Port);

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(IPAddress.Loopback, port);
        connection._stream = connection._client.GetStream();
        return connection;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Closes the sending side in the middle of whatever was begun.</summary>
    public void Abort() => _client.Client.Close(0);

    /// <summary>Ends the sending side in good order; answers can still come.</summary>
    public void FinishSending() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads until the server closes, in good order or not.</summary>
    public async Task<string> ReadToEndAsync()
    {
        try
        {
            while (true)
            {
                await FillAsync();
            }
        }
        catch (IOException)
        {
            return Encoding.Latin1.GetString([.. _pending]);
        }
    }

    public async Task<RawResponse> ReceiveAsync(bool isHead = false)
    {
        bool sawContinue = false;
        while (true)
        {
            string[] lines = (await ReadHeadAsync()).Split("\r\n");
            int status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status == 100)
            {
                sawContinue = true;
                continue;
            }

            var headers = lines[1..].Select(line => line.Split(':', 2))
                .Select(pair => new KeyValuePair<string, string>(pair[0], pair[1].Trim())).ToList();
            var response = new RawResponse(status, headers, []) { SawContinue = sawContinue };
            bool hasBody = !isHead && status is not (204 or 304);
            int length = int.Parse(response["Content-Length"] ?? "0", CultureInfo.InvariantCulture);
            return hasBody ? response with { Body = await ReadBytesAsync(length) } : response;
        }
    }

    /// <summary>The head of an answer whose body is read later.</summary>
    public Task<string> ReceiveHeadAsync() => ReadHeadAsync();

    public Task<byte[]> ReceiveBodyAsync(int length) => ReadBytesAsync(length);

    /// <summary>Waits for the interim answer to "Expect: 100-continue".</summary>
    public async Task<bool> ReceiveContinueAsync() =>
        (await ReadHeadAsync()).StartsWith("HTTP/1.1 100", StringComparison.Ordinal);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ReadHeadAsync()
    {
        while (true)
        {
            string text = Encoding.Latin1.GetString([.. _pending]);
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _pending.RemoveRange(0, end + 4);
                return text[..end];
            }

            await FillAsync();
        }
    }

    private async Task<byte[]> ReadBytesAsync(int count)
    {
        while (_pending.Count < count)
        {
            await FillAsync();
        }

        byte[] bytes = [.. _pending.Take(count)];
        _pending.RemoveRange(0, count);
        return bytes;
    }

    private async Task FillAsync()
    {
        var buffer = new byte[16 * 1024];
        using var limit = new CancellationTokenSource(ReadLimit);
        int read = await _stream.ReadAsync(buffer, limit.Token);
        if (read == 0)
        {
            throw new EndOfStreamException($"The server closed the connection after {_pending.Count} bytes.");
        }

        _pending.AddRange(buffer.AsSpan(0, read));
    }
}
