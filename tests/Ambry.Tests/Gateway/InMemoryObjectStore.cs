using System.Text;
using Ambry.Objects;

namespace Ambry.Tests.Gateway;

/// <summary>Objects in memory with the semantics of the contract: conditions, listings, uploads. Guarded by its gate.</summary>
internal sealed partial class InMemoryObjectStore(TimeProvider time) : IObjectStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, BucketContent> _buckets = new(StringComparer.Ordinal);
    private int _nextId;

    /// <summary>Answered by every object operation while it is set.</summary>
    public ObjectError Fault { get; set; }

    /// <summary>Thrown by every object operation while it is set.</summary>
    public Exception? Defect { get; set; }

    /// <summary>Runs when content has been read and its name is about to be installed.</summary>
    public Action? BeforeInstall { get; set; }

    /// <summary>After this many bytes a reader fails.</summary>
    public int? ReadFailsAfter { get; set; }

    /// <summary>How many bytes of content were read by puts, also by those that failed.</summary>
    public long ContentBytesRead { get; private set; }

    public int OpenReaders => _openReaders;

    public ValueTask<Outcome<Bucket>> CreateBucketAsync(
        string name, string owner, string region, CancellationToken token)
    {
        lock (_gate)
        {
            if (_buckets.TryGetValue(name, out var existing))
            {
                return new(new Outcome<Bucket>(ObjectError.BucketExists, existing.Bucket));
            }

            var bucket = new Bucket(name, Now(), owner, region);
            _buckets.Add(name, new BucketContent(bucket));
            return new(bucket);
        }
    }

    public ValueTask<Outcome<Bucket>> FindBucketAsync(string name, CancellationToken token)
    {
        lock (_gate)
        {
            return new(_buckets.TryGetValue(name, out var content) ? content.Bucket : ObjectError.NoSuchBucket);
        }
    }

    public ValueTask<IReadOnlyList<Bucket>> ListBucketsAsync(CancellationToken token)
    {
        lock (_gate)
        {
            return new(_buckets.Values.Select(content => content.Bucket).ToList());
        }
    }

    public ValueTask<ObjectError> DeleteBucketAsync(string name, CancellationToken token)
    {
        lock (_gate)
        {
            if (!_buckets.TryGetValue(name, out var content))
            {
                return new(ObjectError.NoSuchBucket);
            }

            if (content.Objects.Count > 0)
            {
                return new(ObjectError.BucketNotEmpty);
            }

            _buckets.Remove(name);
            return new(ObjectError.None);
        }
    }

    public async ValueTask<Outcome<StoredObject>> PutObjectAsync(
        ObjectPath path, PutObjectRequest request, CancellationToken token)
    {
        if (Failure() is var failure && failure != ObjectError.None)
        {
            return failure;
        }

        var bytes = await ReadAllAsync(request.Content.Stream, token);
        var digest = request.Content.Digest();
        var stored = new StoredObject
        {
            Path = path,
            SizeBytes = bytes.Length,
            ETag = digest.ETag,
            LastModified = Now(),
            Owner = request.Owner,
            Headers = request.Headers,
            UserMetadata = request.UserMetadata,
            Checksum = digest.Checksums.FirstOrDefault(),
        };
        BeforeInstall?.Invoke();
        return Install(path, request.Condition, new Content(stored, bytes, null));
    }

    /// <summary>Another writer's change.</summary>
    public void Replace(ObjectPath path, string text)
    {
        var stored = new StoredObject
        {
            Path = path,
            SizeBytes = text.Length,
            ETag = $"{text}-etag",
            LastModified = Now(),
            Owner = "another",
            Headers = [],
            UserMetadata = [],
        };
        Install(path, default, new Content(stored, Encoding.ASCII.GetBytes(text), null));
    }

    public ValueTask<Outcome<StoredObject>> FindObjectAsync(ObjectPath path, CancellationToken token)
    {
        lock (_gate)
        {
            if (Failure() is var failure && failure != ObjectError.None)
            {
                return new(failure);
            }

            return new(Find(path, out var error) is { } found ? found.Object : error);
        }
    }

    public ValueTask<Outcome<ObjectReader>> OpenReadAsync(
        StoredObject source, long offset, long length, CancellationToken token)
    {
        lock (_gate)
        {
            if (Find(source.Path, out var error) is not { } found)
            {
                return new(error);
            }

            if (offset < 0 || length < 0 || offset + length > found.Bytes.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(length));
            }

            Interlocked.Increment(ref _openReaders);
            return new(new ObjectReader(
                new MemoryReader(this, found.Bytes.AsMemory((int)offset, (int)length), ReadFailsAfter)));
        }
    }

    public ValueTask<ObjectError> DeleteObjectAsync(ObjectPath path, ObjectCondition condition, CancellationToken token)
    {
        lock (_gate)
        {
            if (Failure() is var failure && failure != ObjectError.None)
            {
                return new(failure);
            }

            if (Find(path, out var error) is not { } found)
            {
                return new(error);
            }

            if (condition.IfMatch is { } match && match != "*" && match != found.Object.ETag)
            {
                return new(ObjectError.PreconditionFailed);
            }

            _buckets[path.Bucket].Objects.Remove(path.Key.ToArray());
            return new(ObjectError.None);
        }
    }

    public ValueTask<Outcome<StoredObject>> CopyObjectAsync(
        ObjectPath source, ObjectPath target, Func<StoredObject, CopyObjectRequest> decide, CancellationToken token)
    {
        lock (_gate)
        {
            if (Find(source, out var error) is not { } found)
            {
                return new(error);
            }

            var request = decide(found.Object);
            var copy = found.Object with
            {
                Path = target,
                LastModified = Now(),
                Owner = request.Owner,
                Headers = request.Headers,
                UserMetadata = request.UserMetadata,
                Checksum = request.Checksum,
            };
            return new(Install(target, request.Condition, new Content(copy, found.Bytes, null)));
        }
    }

    public ValueTask<Outcome<ObjectListing>> ListObjectsAsync(
        string bucket, ListRequest request, CancellationToken token)
    {
        lock (_gate)
        {
            if (!_buckets.TryGetValue(bucket, out var content))
            {
                return new(ObjectError.NoSuchBucket);
            }

            var items = new List<ObjectListItem>();
            var truncated = Page(
                content.Objects.Keys,
                request.Prefix.Span,
                request.Delimiter.Span,
                request.After.Span,
                request.MaxItems,
                (key, isPrefix) => items.Add(new ObjectListItem(key, isPrefix ? null : content.Objects[key].Object)));
            return new(new ObjectListing(items, truncated));
        }
    }

    private static bool Page(
        IEnumerable<byte[]> keys,
        ReadOnlySpan<byte> prefix,
        ReadOnlySpan<byte> delimiter,
        ReadOnlySpan<byte> after,
        int maxItems,
        Action<byte[], bool> add)
    {
        byte[]? lastPrefix = null;
        var count = 0;
        foreach (var key in keys)
        {
            if (!key.AsSpan().StartsWith(prefix) || key.AsSpan().SequenceCompareTo(after) <= 0)
            {
                continue;
            }

            var cut = delimiter.IsEmpty ? -1 : key.AsSpan(prefix.Length).IndexOf(delimiter);
            var item = cut < 0 ? key : key[..(prefix.Length + cut + delimiter.Length)];
            if (cut >= 0 && (after.SequenceEqual(item) || (lastPrefix?.AsSpan().SequenceEqual(item) ?? false)))
            {
                continue;
            }

            if (count == maxItems)
            {
                return maxItems > 0;
            }

            lastPrefix = cut < 0 ? null : item;
            add(item, cut >= 0);
            count++;
        }

        return false;
    }

    private DateTimeOffset Now() =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private ObjectError Failure() => Defect is { } defect ? throw defect : Fault;

    private Content? Find(ObjectPath path, out ObjectError error)
    {
        error = ObjectError.NoSuchBucket;
        if (!_buckets.TryGetValue(path.Bucket, out var bucket))
        {
            return null;
        }

        error = ObjectError.NoSuchKey;
        return bucket.Objects.GetValueOrDefault(path.Key.ToArray());
    }

    private Outcome<StoredObject> Install(ObjectPath path, ObjectCondition condition, Content content)
    {
        lock (_gate)
        {
            var current = Find(path, out var error);
            if (error == ObjectError.NoSuchBucket)
            {
                return error;
            }

            if (condition.IfMatch is { } match)
            {
                if (current is null)
                {
                    return ObjectError.NoSuchKey;
                }

                if (match != "*" && match != current.Object.ETag)
                {
                    return ObjectError.PreconditionFailed;
                }
            }

            if (condition.IfNoneMatch is { } none && current is not null && (none == "*" || none == current.Object.ETag))
            {
                return ObjectError.PreconditionFailed;
            }

            _buckets[path.Bucket].Objects[path.Key.ToArray()] = content;
            return content.Object;
        }
    }

    private async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken token)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await stream.ReadAsync(buffer, token)) > 0)
        {
            ContentBytesRead += read;
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    private string NextId() => $"upload-{Interlocked.Increment(ref _nextId):D4}";

    private sealed record Content(StoredObject Object, byte[] Bytes, string? UploadId);

    private sealed class BucketContent(Bucket bucket)
    {
        public Bucket Bucket { get; } = bucket;

        public SortedDictionary<byte[], Content> Objects { get; } = new(ByteOrder.Instance);

        public SortedDictionary<string, Upload> Uploads { get; } = new(StringComparer.Ordinal);
    }

    private sealed record Upload(MultipartUpload Public, CreateUploadRequest Request)
    {
        public SortedDictionary<int, (StoredPart Part, byte[] Bytes)> Parts { get; } = [];
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
