using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ambry.Tests.Gateway;

/// <summary>Speaks HTTP/1.1 byte by byte: nothing normalised, nothing repaired.</summary>
internal static class RawClient
{
    /// <summary>Sends one request on a connection of its own and reads the answer.</summary>
    public static async Task<Answer> SendAsync(IPEndPoint address, byte[] head, byte[]? body)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(head);
        if (body is not null)
        {
            await stream.WriteAsync(body);
        }

        return await ReadAsync(stream, Encoding.ASCII.GetString(head).StartsWith("HEAD ", StringComparison.Ordinal));
    }

    public static async Task<Answer> ReadAsync(Stream stream, bool isHead)
    {
        var continued = false;
        while (true)
        {
            var lines = await ReadHeadAsync(stream);
            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status == 100)
            {
                continued = true;
                continue;
            }

            var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair[1])).ToList();
            var length = headers.Where(pair => pair.Item1 == "Content-Length").Select(pair => pair.Item2).SingleOrDefault();
            var due = isHead || length is null ? 0 : int.Parse(length, CultureInfo.InvariantCulture);
            var body = await ReadBodyAsync(stream, due);
            return new Answer(status, headers, body, continued, body.Length == due);
        }
    }

    private static async Task<List<string>> ReadHeadAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[1];
        while (bytes.Count < 4 || !bytes[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(buffer) == 0)
            {
                throw new EndOfStreamException("The server closed before it answered.");
            }

            bytes.Add(buffer[0]);
        }

        return [.. Encoding.UTF8.GetString([.. bytes[..^4]]).Split("\r\n")];
    }

    private static async Task<byte[]> ReadBodyAsync(Stream stream, int length)
    {
        var body = new byte[length];
        var total = 0;
        while (total < length)
        {
            try
            {
                var read = await stream.ReadAsync(body.AsMemory(total));
                if (read == 0)
                {
                    break;
                }

                total += read;
            }
            catch (IOException)
            {
                // A cut connection: what came until then is what the test wants to see.
                break;
            }
        }

        return body[..total];
    }
}
