using Ambry.Log;

namespace Ambry.Tests.Metadata.Engine;

/// <summary>
/// A disk in memory that can stop at its n-th call and then lose, keep or tear what was not synced, as a power cut
/// does. Thread safe.
/// </summary>
internal sealed class EngineDisk : IDisk
{
    private readonly object _gate = new();
    private readonly Dictionary<string, Content> _files = [];
    private HashSet<string> _durableNames = [];
    private long _callsLeft = long.MaxValue;

    public string Name => "memory";

    public long Calls { get; private set; }

    /// <summary>So many of the next reads return rubbish, as a bad cable or a bug below would.</summary>
    public int BadReads { get; set; }

    /// <summary>
    /// Thrown instead of a "write", "reserve" or "sync" of a path, as often as it answers something. A write that
    /// fails for anything but room is half done; a sync that fails leaves what it should have kept readable and never
    /// durable.
    /// </summary>
    public Func<string, string, Exception?>? Fault { get; set; }

    /// <summary>Held by a test to stop every sync; open by default.</summary>
    public SemaphoreSlim? SyncGate { get; set; }

    public TaskCompletionSource SyncReached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// After this many more changing calls the disk answers nothing any more, until <see cref="PowerCycle"/>.
    /// </summary>
    public void StopAfter(long calls)
    {
        lock (_gate)
        {
            _callsLeft = calls;
        }
    }

    /// <summary>Keeps what was synced and a random part of what was not.</summary>
    public void PowerCycle(Random random)
    {
        lock (_gate)
        {
            _callsLeft = long.MaxValue;
            foreach (var name in _files.Keys.Where(name => !_durableNames.Contains(name)).ToList())
            {
                _files.Remove(name);
            }

            foreach (var file in _files.Values)
            {
                file.LoseUnsynced(random);
            }
        }
    }

    /// <summary>Damages stored bytes in place.</summary>
    public void Flip(string path, long offset)
    {
        lock (_gate)
        {
            _files[path].Flip(offset);
        }
    }

    public byte[] Bytes(string path)
    {
        lock (_gate)
        {
            return _files[path].ToArray();
        }
    }

    public bool FileExists(string path)
    {
        lock (_gate)
        {
            return _files.ContainsKey(path);
        }
    }

    public void CreateDirectory(string path)
    {
    }

    // Folders are no more than parts of names here.
    public void DeleteDirectory(string path)
    {
    }

    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_gate)
        {
            return [.. _files.Keys.Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal))
                .Select(path => path[(directory.Length + 1)..]).Order(StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<string> ListDirectories(string directory) => [];

    public IDiskFile Open(string path, bool create)
    {
        lock (_gate)
        {
            Count();
            if (!_files.TryGetValue(path, out var content))
            {
                content = create ? new Content() : throw new FileNotFoundException(path);
                _files.Add(path, content);
            }

            return new OpenFile(this, content, path);
        }
    }

    public void Rename(string from, string to) => throw new NotSupportedException();

    public void Delete(string path)
    {
        lock (_gate)
        {
            Count();
            _files.Remove(path);
        }
    }

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        lock (_gate)
        {
            Count();
            _durableNames = [.. _files.Keys];
            return ValueTask.CompletedTask;
        }
    }

    public IDisposable? TryLock(string path) => throw new NotSupportedException();

    private void Count()
    {
        Calls++;
        if (_callsLeft-- <= 0)
        {
            _callsLeft = 0;
            throw new IOException("The disk has stopped.");
        }
    }

    private sealed class OpenFile(EngineDisk disk, Content content, string path) : IDiskFile
    {
        public long LengthBytes
        {
            get
            {
                lock (disk._gate)
                {
                    return content.Length;
                }
            }
        }

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
        {
            lock (disk._gate)
            {
                var read = content.Read(offset, destination.Span);
                if (disk.BadReads > 0)
                {
                    disk.BadReads--;
                    destination.Span.Fill(0xEE);
                }

                return new ValueTask<int>(read);
            }
        }

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
        {
            lock (disk._gate)
            {
                disk.Count();
                var fault = disk.Fault?.Invoke("write", path);
                if (fault is DiskFullException)
                {
                    throw fault;
                }

                foreach (var part in parts)
                {
                    if (fault is not null)
                    {
                        content.Write(offset, part[..(part.Length / 2)].ToArray());
                        throw fault;
                    }

                    content.Write(offset, part.ToArray());
                    offset += part.Length;
                }

                return ValueTask.CompletedTask;
            }
        }

        public async ValueTask SyncAsync(CancellationToken token)
        {
            if (disk.SyncGate is { } gate)
            {
                disk.SyncReached.TrySetResult();
                await gate.WaitAsync(token);
                gate.Release();
            }

            lock (disk._gate)
            {
                disk.Count();
                if (disk.Fault?.Invoke("sync", path) is { } fault)
                {
                    content.ForgetUnsynced();
                    throw fault;
                }

                content.Sync();
            }
        }

        public void Preallocate(long bytes)
        {
            if (disk.Fault?.Invoke("reserve", path) is { } fault)
            {
                throw fault;
            }
        }

        public void Truncate(long bytes) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Content
    {
        private const int SectorBytes = 512;
        private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];
        private byte[] _durable = [];
        private byte[] _current = [];
        private long _durableLength;

        public long Length { get; private set; }

        public int Read(long offset, Span<byte> destination)
        {
            var count = (int)Math.Clamp(Length - offset, 0, destination.Length);
            _current.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
            return count;
        }

        public void Write(long offset, byte[] bytes)
        {
            _unsynced.Add((offset, bytes));
            Put(ref _current, offset, bytes);
            Length = Math.Max(Length, offset + bytes.Length);
        }

        public void Sync()
        {
            foreach (var (offset, bytes) in _unsynced)
            {
                Put(ref _durable, offset, bytes);
            }

            _unsynced.Clear();
            _durableLength = Length;
        }

        public void ForgetUnsynced() => _unsynced.Clear();

        public void LoseUnsynced(Random random)
        {
            foreach (var (offset, bytes) in _unsynced)
            {
                for (var start = 0; start < bytes.Length; start += SectorBytes)
                {
                    if (random.Next(2) == 0)
                    {
                        var sector = bytes.AsSpan(start, Math.Min(SectorBytes, bytes.Length - start)).ToArray();
                        Put(ref _durable, offset + start, sector);
                        _durableLength = Math.Max(_durableLength, offset + start + sector.Length);
                    }
                }
            }

            _unsynced.Clear();
            Length = _durableLength;
            _current = _durable.ToArray();
        }

        public void Flip(long offset)
        {
            _current[offset] ^= 0x5A;
            _durable[offset] ^= 0x5A;
        }

        public byte[] ToArray() => _current.AsSpan(0, (int)Length).ToArray();

        private static void Put(ref byte[] target, long offset, byte[] bytes)
        {
            var end = (int)offset + bytes.Length;
            if (target.Length < end)
            {
                Array.Resize(ref target, Math.Max(end, target.Length * 2));
            }

            bytes.CopyTo(target, (int)offset);
        }
    }
}
