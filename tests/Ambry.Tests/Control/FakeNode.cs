using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Tests.Control;

/// <summary>
/// A node's admin listener: keeps a map as a node does, says of its replicas what the map makes of them, and answers
/// records that a test gave it. Speaks just enough HTTP; one request a connection.
/// </summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<uint, int> _asked = [];
    private Task _serving = Task.CompletedTask;

    public FakeNode() => _listener.Start();

    public int AdminPort => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Admin => $"127.0.0.1:{AdminPort}";

    public DataNodeId Id { get; init; }

    public ClusterLayout? Map { get; set; }

    /// <summary>What its listener wants to be shown.</summary>
    public string? Token { get; init; }

    /// <summary>In LSN order, by partition.</summary>
    public Dictionary<uint, List<RecordLine>> Records { get; } = [];

    /// <summary>How many records a page has at most.</summary>
    public int PageRecords { get; set; } = 4096;

    /// <summary>How often a status says that a new replica is behind, or a leaving one not drained.</summary>
    public int SlowAnswers { get; set; } = 2;

    /// <summary>Of every request, in the order they came.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Called before a request is answered.</summary>
    public Action<string>? OnRequest { get; set; }

    public void Serve() => _serving = ServeAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
            catch (Exception fault) when (fault is OperationCanceledException or IOException or SocketException)
            {
                // The test is over, or the client went away.
                continue;
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        (string line, Dictionary<string, string> heads) = await ReadHeadAsync(stream);
        byte[] body = new byte[heads.TryGetValue("content-length", out string? length)
            ? int.Parse(length, CultureInfo.InvariantCulture)
            : 0];
        await stream.ReadExactlyAsync(body);
        Requests.Add(line);
        OnRequest?.Invoke(line);
        bool isStranger = Token is not null && heads.GetValueOrDefault("authorization") != $"Bearer {Token}";
        (string status, byte[] answer) = isStranger
            ? ("401 Unauthorized", [])
            : Answer(line.Split(' '), heads, body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(answer);
    }

    private static async Task<(string Line, Dictionary<string, string> Heads)> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (!(head.Count > 3 && head[^1] == '\n' && head[^3] == '\n'))
        {
            await stream.ReadExactlyAsync(one);
            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n");
        return (lines[0], lines.Skip(1).Where(line => line.Contains(':')).ToDictionary(
            line => line[..line.IndexOf(':')].ToLowerInvariant(),
            line => line[(line.IndexOf(':') + 1)..].Trim()));
    }

    private (string Status, byte[] Body) Answer(string[] request, Dictionary<string, string> heads, byte[] body)
    {
        if (request[1] == "/cluster/map")
        {
            return request[0] == "PUT" ? Take(heads, body) : ("200 OK", Map!.ToJson());
        }

        if (request[1] == "/cluster/status")
        {
            return ("200 OK", Status().ToJson());
        }

        return request[1].StartsWith("/partitions/", StringComparison.Ordinal)
            ? ("200 OK", Page(new Uri($"http://x{request[1]}")))
            : ("404 Not Found", []);
    }

    private (string Status, byte[] Body) Take(Dictionary<string, string> heads, byte[] body)
    {
        string match = heads.GetValueOrDefault("if-match", "");
        if (match != $"{Map!.Version}")
        {
            return ("409 Conflict", Encoding.UTF8.GetBytes($"has version {Map.Version}, the edit began with {match}"));
        }

        ClusterLayoutResult result = ClusterLayout.Parse(body);
        if (result.Layout is null || result.Layout.Version <= Map.Version)
        {
            return ("400 Bad Request", Encoding.UTF8.GetBytes(string.Join("; ", result.Faults)));
        }

        Map = result.Layout;
        return ("200 OK", []);
    }

    private NodeStatus Status() => new(
        $"{Id}",
        Map!.Version,
        [new DiskStatus("/disk0", "healthy", 1L << 40, 1L << 39)],
        [.. Map.PartitionLayout.Partitions.SelectMany(p => p.Replicas
            .Where(r => r.Hostname == Id.Host && r.Port == Id.Port)
            .Select(r => Status(p, r)))]);

    private ReplicaStatus Status(PartitionEntry partition, ReplicaEntry replica)
    {
        bool isLeaving = replica.ReplicaState == ReplicaState.Inactive;
        bool isSlow = (isLeaving || replica.Replaces is not null)
            && (_asked[partition.Id] = _asked.GetValueOrDefault(partition.Id) + 1) <= SlowAnswers;
        return new ReplicaStatus(
            partition.Id,
            replica.MountPath,
            isLeaving ? ReplicaState.Inactive : isSlow ? ReplicaState.Bootstrap : ReplicaState.Standby,
            Sealed: false,
            Level: !isSlow,
            Drained: isLeaving && !isSlow,
            UsedBytes: partition.ReplicaCapacityInBytes / 4,
            partition.ReplicaCapacityInBytes,
            LastLsn: 10)
        {
            Peers = isSlow ? [new PeerLagStatus("peer:1", 2048, 1.5, null)] : [],
        };
    }

    private byte[] Page(Uri address)
    {
        uint partition = uint.Parse(address.Segments[2].TrimEnd('/'), CultureInfo.InvariantCulture);
        var query = address.Query.TrimStart('?').Split('&').Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        long after = long.Parse(query["after"], CultureInfo.InvariantCulture);
        int max = Math.Min(PageRecords, int.Parse(query["max"], CultureInfo.InvariantCulture));
        List<RecordLine> all = Records.GetValueOrDefault(partition) ?? [];
        RecordLine[] page = [.. all.Where(record => record.Lsn > after).Take(max)];
        long last = all.Count == 0 ? 0 : all[^1].Lsn;
        long next = page.Length == 0 ? after : page[^1].Lsn;
        using var lines = new MemoryStream();
        foreach (RecordLine record in page)
        {
            bool isVerify = query.GetValueOrDefault("content") == "verify";
            lines.Write((isVerify ? record : record with { Content = null }).ToJson());
            lines.WriteByte((byte)'\n');
        }

        lines.Write(new RecordsEnd(next, next >= last, last).ToJson());
        return lines.ToArray();
    }
}
