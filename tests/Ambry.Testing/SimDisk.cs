using Ambry.Log;

namespace Ambry.Testing;

/// <summary>
/// A disk in memory that forgets like a real one: what was not synced may be lost, kept or torn by <see cref="Crash"/>.
/// Every call completes inline, except syncs while <see cref="SyncBarrier"/> is set. Thread safe: one lock,
/// <c>_gate</c>.
/// </summary>
public sealed partial class SimDisk : IDisk
{
    private readonly Lock _gate = new();
    private readonly SimTree _tree;
    private readonly HashSet<string> _locks = [];
    private bool _dead;

    public SimDisk()
        : this(new SimTree())
    {
    }

    private SimDisk(SimTree tree)
    {
        _tree = tree;
    }

    public string Name => "simulated";

    /// <summary>Calls that change something: creations, writes, truncations, syncs, renames, deletions.</summary>
    public int MutatingCalls { get; private set; }

    /// <summary>File syncs begun.</summary>
    public int Syncs { get; private set; }

    public int Writes { get; private set; }

    public long BytesWritten { get; private set; }

    /// <summary>The mutating call, counted from 1, at which the machine stops: it and all later calls fail.</summary>
    public int? StopAtCall { get; set; }

    /// <summary>
    /// Called with the number of each mutating call before it takes effect, but for a write, which is in the cache by
    /// then: what a machine that stops in this call has on its disk. Runs under the disk's lock, for <see
    /// cref="Fork"/>.
    /// </summary>
    public Action<int>? CallBegun { get; set; }

    /// <summary>Bytes all files may hold; more is <see cref="DiskFullException"/>.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Reserved space counts as taken; else a reservation only looks whether it would fit.</summary>
    public bool KeepsReservations { get; set; }

    /// <summary>Thrown instead of a write, as often as it answers something; null lets it happen.</summary>
    public Func<string, IOException?>? WriteFault { get; set; }

    /// <summary>Thrown instead of a sync of a file.</summary>
    public Func<string, IOException?>? SyncFault { get; set; }

    /// <summary>
    /// A failed sync of a file leaves its writes to be read and never makes them durable, as Linux does: the next sync
    /// has nothing to do for them and succeeds.
    /// </summary>
    public bool FailedSyncForgets { get; set; }

    /// <summary>Thrown instead of a sync of a folder.</summary>
    public Func<string, IOException?>? DirectorySyncFault { get; set; }

    /// <summary>Thrown instead of a read.</summary>
    public Func<string, IOException?>? ReadFault { get; set; }

    /// <summary>A sync of a file waits for it after it has been counted.</summary>
    public Task? SyncBarrier { get; set; }

    /// <summary>Called with the number of syncs begun, when one begins.</summary>
    public Action<int>? SyncBegun { get; set; }

    public bool FileExists(string path)
    {
        lock (_gate)
        {
            return _tree.Files.ContainsKey(path);
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            Mutate();
            _tree.CreateDirectory(path);
        }
    }

    public IReadOnlyList<string> ListFiles(string directory) => List(directory, _tree.Files.Keys);

    public IReadOnlyList<string> ListDirectories(string directory) => List(directory, _tree.Directories);

    public IDiskFile Open(string path, bool create)
    {
        lock (_gate)
        {
            ThrowIfDead();
            Opening?.Invoke(path);
            if (!_tree.Files.TryGetValue(path, out SimNode? node))
            {
                if (!create || !_tree.HasDirectory(SimTree.Parent(path)))
                {
                    throw new FileNotFoundException($"{path} is missing.", path);
                }

                Mutate();
                node = _tree.CreateFile(path);
            }

            return new File(this, node, path);
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            ThrowIfDead();
            if (!_tree.Files.ContainsKey(from))
            {
                throw new FileNotFoundException($"{from} is missing.", from);
            }

            Mutate();
            _tree.Rename(from, to);
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            Mutate();
            _tree.Delete(path);
        }
    }

    public void DeleteDirectory(string path)
    {
        lock (_gate)
        {
            Mutate();
            _tree.DeleteDirectory(path);
        }
    }

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Mutate();
            if (DirectorySyncFault?.Invoke(directory) is { } fault)
            {
                throw fault;
            }

            _tree.SyncDirectory(directory);
        }

        return ValueTask.CompletedTask;
    }

    public IDisposable? TryLock(string path)
    {
        lock (_gate)
        {
            ThrowIfDead();
            return _locks.Add(path) ? new Held(this, path) : null;
        }
    }

    /// <summary>
    /// Power is cut: what comes back on the next start. This disk and its files are dead from now on.
    /// </summary>
    public SimDisk Crash(int seed)
    {
        lock (_gate)
        {
            _dead = true;
            return new SimDisk(_tree.AfterPowerCut(new Random(seed)));
        }
    }

    /// <summary>
    /// The process is killed: all its writes survive, synced or not. This disk and its files are dead.
    /// </summary>
    public SimDisk Kill()
    {
        lock (_gate)
        {
            _dead = true;
            return new SimDisk(_tree);
        }
    }

    /// <summary>The bytes of a file as a reader sees them.</summary>
    public byte[] Contents(string path)
    {
        lock (_gate)
        {
            return _tree.Files[path].Current.ToArray();
        }
    }

    /// <summary>Replaces the bytes of a file behind everybody's back, durably: bit rot, a misdirected write.</summary>
    public void Overwrite(string path, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _tree.Files[path].Replace(bytes);
        }
    }

    /// <summary>Flips one bit of a file, durably.</summary>
    public void FlipBit(string path, long offset, int bit)
    {
        byte[] bytes = Contents(path);
        bytes[offset] ^= (byte)(1 << bit);
        Overwrite(path, bytes);
    }

    /// <summary>What <see cref="Crash"/> would leave if it happened now, while this disk lives on.</summary>
    public SimDisk CrashedCopy(int seed)
    {
        lock (_gate)
        {
            return new SimDisk(_tree.AfterPowerCut(new Random(seed)));
        }
    }

    /// <summary>An independent disk in the same state, unsynced changes and all; cheap.</summary>
    public SimDisk Fork()
    {
        lock (_gate)
        {
            return new SimDisk(_tree.Fork());
        }
    }

    /// <summary>An independent copy in which everything is durable, for trying damage on.</summary>
    public SimDisk Copy()
    {
        lock (_gate)
        {
            return new SimDisk(_tree.Copy());
        }
    }

    private List<string> List(string directory, IEnumerable<string> paths)
    {
        lock (_gate)
        {
            ThrowIfDead();
            return [.. paths
                .Where(path => path.Length > 0 && SimTree.Parent(path) == directory)
                .Select(path => path[(path.LastIndexOf('/') + 1)..])
                .Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Counts a mutating call; the one the machine stops at does not happen.</summary>
    private void Mutate()
    {
        Count();
        CallBegun?.Invoke(MutatingCalls);
    }

    private void Count()
    {
        ThrowIfDead();
        ThrowIfReadOnly();
        MutatingCalls++;
        if (MutatingCalls >= StopAtCall)
        {
            throw new IOException($"The simulated machine stopped at call {StopAtCall}.");
        }
    }

    private void ThrowIfDead()
    {
        if (_dead)
        {
            throw new IOException("The simulated machine is off.");
        }

        ThrowIfBroken();
    }

    private sealed class Held(SimDisk disk, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate)
            {
                disk._locks.Remove(path);
            }
        }
    }

    private sealed class File(SimDisk disk, SimNode node, string path) : IDiskFile
    {
        private bool _closed;

        public long LengthBytes
        {
            get
            {
                lock (disk._gate)
                {
                    ThrowIfUnusable();
                    return node.Current.Length;
                }
            }
        }

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            return disk.ReadBarrier is { IsCompleted: false } barrier
                ? ReadLaterAsync(barrier, offset, destination)
                : ValueTask.FromResult(Read(offset, destination));
        }

        private async ValueTask<int> ReadLaterAsync(Task barrier, long offset, Memory<byte> destination)
        {
            await barrier;
            return Read(offset, destination);
        }

        private int Read(long offset, Memory<byte> destination)
        {
            lock (disk._gate)
            {
                ThrowIfUnusable();
                if (disk.ReadFault?.Invoke(path) is { } fault)
                {
                    throw fault;
                }

                return node.Current.Read(offset, destination.Span);
            }
        }

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            byte[] bytes = Join(parts);
            lock (disk._gate)
            {
                ThrowIfUnusable();
                disk.Writes++;
                bool stops = disk.MutatingCalls + 1 == disk.StopAtCall;
                if (stops)
                {
                    // The call in flight when the machine stops may reach the disk in part: a crash tears it.
                    node.Write(offset, bytes);
                }

                disk.Count();
                if (disk.WriteFault?.Invoke(path) is { } fault)
                {
                    throw fault;
                }

                long grows = Math.Max(0, offset + bytes.Length - node.TakenBytes);
                if (disk._tree.Files.Values.Sum(file => file.TakenBytes) + grows > disk.CapacityBytes)
                {
                    throw new DiskFullException("The simulated disk is full.", null);
                }

                node.Write(offset, bytes);
                disk.BytesWritten += bytes.Length;
                disk.CallBegun?.Invoke(disk.MutatingCalls);
            }

            return ValueTask.CompletedTask;
        }

        public async ValueTask SyncAsync(CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            Task? barrier;
            int pending;
            lock (disk._gate)
            {
                ThrowIfUnusable();
                disk.Mutate();
                disk.Syncs++;
                barrier = disk.SyncBarrier;
                pending = node.PendingCount;
                disk.SyncBegun?.Invoke(disk.Syncs);
            }

            if (barrier is not null)
            {
                await barrier;
            }

            lock (disk._gate)
            {
                ThrowIfUnusable();
                if (disk.SyncFault?.Invoke(path) is { } fault)
                {
                    if (disk.FailedSyncForgets)
                    {
                        node.Forget(pending);
                    }

                    throw fault;
                }

                // Only what was written before the sync began is promised.
                node.Sync(pending);
            }
        }

        public void Preallocate(long bytes)
        {
            lock (disk._gate)
            {
                ThrowIfUnusable();
                disk.ThrowIfReadOnly();
                long others = disk._tree.Files.Values.Where(file => file != node).Sum(file => file.TakenBytes);
                if (others + bytes > disk.CapacityBytes)
                {
                    throw new DiskFullException("The simulated disk is full.", null);
                }

                if (disk.KeepsReservations)
                {
                    node.ReservedBytes = Math.Max(node.ReservedBytes, bytes);
                }
            }
        }

        public void Truncate(long bytes)
        {
            lock (disk._gate)
            {
                ThrowIfUnusable();
                disk.Mutate();
                node.Truncate(bytes);
                node.ReservedBytes = 0;
            }
        }

        public void Dispose() => _closed = true;

        private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> parts)
        {
            byte[] bytes = new byte[parts.Sum(part => part.Length)];
            int at = 0;
            foreach (ReadOnlyMemory<byte> part in parts)
            {
                part.Span.CopyTo(bytes.AsSpan(at));
                at += part.Length;
            }

            return bytes;
        }

        private void ThrowIfUnusable()
        {
            disk.ThrowIfDead();
            ObjectDisposedException.ThrowIf(_closed, this);
        }
    }
}
