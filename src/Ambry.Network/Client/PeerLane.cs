namespace Ambry.Network;

/// <summary>
/// The connections to one peer for requests of one size class, made when needed. A call takes a turn on the one with
/// the fewest calls; when none has room it waits, and when too many wait the peer is Busy. Thread safe; state guarded
/// by <c>_gate</c>.
/// </summary>
internal sealed class PeerLane(
    Func<Task<ClientConnection?>> dial, int connections, int callsPerConnection, int maxWaiting)
{
    private readonly Lock _gate = new();
    private readonly LaneSlot[] _slots = [.. Enumerable.Range(0, connections).Select(_ => new LaneSlot())];
    private readonly LinkedList<LaneTurn> _waiting = new();
    private readonly List<ClientConnection> _made = [];
    private bool _isClosed;

    /// <summary>
    /// A turn, to be handed back. Null when too many wait, or when this one waited until <paramref name="deadline"/>.
    /// </summary>
    public async ValueTask<LaneSlot?> EnterAsync(long deadline, CancellationToken token)
    {
        LaneTurn turn;
        lock (_gate)
        {
            LaneSlot best = _slots.MinBy(slot => slot.Calls)!;
            if (best.Calls < callsPerConnection)
            {
                best.Calls++;
                return best;
            }

            if (_waiting.Count >= maxWaiting || _isClosed)
            {
                return null;
            }

            turn = new LaneTurn(this, deadline);
            _waiting.AddLast(turn.Node);
        }

        using CancellationTokenRegistration registration =
            token.UnsafeRegister(static state => ((LaneTurn)state!).Abandon(), turn);
        LaneSlot? slot = await turn.Slot.ConfigureAwait(false);
        if (slot is null)
        {
            token.ThrowIfCancellationRequested();
        }

        return slot;
    }

    /// <summary>Hands a turn back; the one that waits longest gets it.</summary>
    public void Leave(LaneSlot slot)
    {
        LaneTurn? next = null;
        lock (_gate)
        {
            if (_waiting.First is { } first)
            {
                _waiting.Remove(first);
                next = first.Value;
            }
            else
            {
                slot.Calls--;
            }
        }

        next?.Give(slot);
    }

    /// <summary>The slot's connection, made when there is none; null when the peer cannot be reached.</summary>
    public async ValueTask<ClientConnection?> ConnectAsync(LaneSlot slot, CancellationToken token)
    {
        Task<ClientConnection?> connecting;
        lock (_gate)
        {
            if (slot.Connection is { IsUsable: true } connection)
            {
                return connection;
            }

            if (_isClosed)
            {
                return null;
            }

            connecting = slot.Connecting ??= DialAsync(slot);
        }

        return await connecting.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>Gives up what is overdue.</summary>
    public void Sweep(long now, TcpPeerClientOptions options)
    {
        List<LaneTurn>? late = null;
        lock (_gate)
        {
            while (_waiting.First is { } first && first.Value.Deadline <= now)
            {
                _waiting.Remove(first);
                (late ??= []).Add(first.Value);
            }
        }

        late?.ForEach(turn => turn.Give(null));
        foreach (ClientConnection connection in Made())
        {
            connection.Sweep(now, options);
        }
    }

    public void Close()
    {
        LaneTurn[] waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (LaneTurn turn in waiting)
        {
            turn.Give(null);
        }

        foreach (ClientConnection connection in Made())
        {
            connection.Dispose();
        }
    }

    internal void Abandon(LaneTurn turn)
    {
        lock (_gate)
        {
            if (turn.Node.List is null)
            {
                return;
            }

            _waiting.Remove(turn.Node);
        }

        turn.Give(null);
    }

    /// <summary>Also those that a peer told to go and that still have answers to wait for.</summary>
    private ClientConnection[] Made()
    {
        lock (_gate)
        {
            return [.. _made];
        }
    }

    private async Task<ClientConnection?> DialAsync(LaneSlot slot)
    {
        // Lets the caller store this task before it can be over.
        await Task.Yield();
        ClientConnection? connection = await dial().ConfigureAwait(false);
        bool isKept;
        lock (_gate)
        {
            slot.Connecting = null;
            slot.Connection = connection;
            isKept = connection is not null && !_isClosed;
            if (isKept)
            {
                _made.Add(connection!);
            }
        }

        if (isKept)
        {
            _ = RunAsync(connection!);
            return connection;
        }

        connection?.Dispose();
        return null;
    }

    private async Task RunAsync(ClientConnection connection)
    {
        await connection.RunAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _made.Remove(connection);
        }
    }
}

/// <summary>A place for one connection. Guarded by its lane.</summary>
internal sealed class LaneSlot
{
    public int Calls { get; set; }

    public ClientConnection? Connection { get; set; }

    public Task<ClientConnection?>? Connecting { get; set; }
}

/// <summary>A call that waits for a turn.</summary>
internal sealed class LaneTurn
{
    private readonly PeerLane _lane;
    private readonly TaskCompletionSource<LaneSlot?> _slot = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LaneTurn(PeerLane lane, long deadline)
    {
        _lane = lane;
        Deadline = deadline;
        Node = new LinkedListNode<LaneTurn>(this);
    }

    public long Deadline { get; }

    public LinkedListNode<LaneTurn> Node { get; }

    /// <summary>Null when it waited in vain.</summary>
    public Task<LaneSlot?> Slot => _slot.Task;

    public void Give(LaneSlot? slot) => _slot.TrySetResult(slot);

    public void Abandon() => _lane.Abandon(this);
}
