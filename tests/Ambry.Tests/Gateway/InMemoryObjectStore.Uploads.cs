using Ambry.Objects;
using Ambry.Router;

namespace Ambry.Tests.Gateway;

internal sealed partial class InMemoryObjectStore
{
    private int _openReaders;

    public ValueTask<Outcome<MultipartUpload>> CreateUploadAsync(
        ObjectPath path, CreateUploadRequest request, CancellationToken token)
    {
        lock (_gate)
        {
            if (!_buckets.TryGetValue(path.Bucket, out var bucket))
            {
                return new(ObjectError.NoSuchBucket);
            }

            var upload = new MultipartUpload(
                path, NextId(), Now(), request.Owner, request.ChecksumAlgorithm, request.ChecksumIsComposite);
            bucket.Uploads.Add(upload.UploadId, new Upload(upload, request));
            return new(upload);
        }
    }

    public ValueTask<Outcome<MultipartUpload>> FindUploadAsync(
        ObjectPath path, string uploadId, CancellationToken token)
    {
        lock (_gate)
        {
            return new(FindUpload(path, uploadId, out var error) is { } upload ? upload.Public : error);
        }
    }

    public async ValueTask<Outcome<StoredPart>> PutPartAsync(
        ObjectPath path, string uploadId, int partNumber, ObjectContent content, CancellationToken token)
    {
        var bytes = await ReadAllAsync(content.Stream, token);
        var digest = content.Digest();
        lock (_gate)
        {
            if (FindUpload(path, uploadId, out var error) is not { } upload)
            {
                return error;
            }

            var part = new StoredPart(partNumber, bytes.Length, digest.ETag, Now(), digest.Checksums);
            upload.Parts[partNumber] = (part, bytes);
            return part;
        }
    }

    public ValueTask<Outcome<PartListing>> ListPartsAsync(
        ObjectPath path, string uploadId, int afterPart, int maxParts, CancellationToken token)
    {
        lock (_gate)
        {
            if (FindUpload(path, uploadId, out var error) is not { } upload)
            {
                return new(error);
            }

            var behind = upload.Parts.Where(part => part.Key > afterPart).Select(part => part.Value.Part).ToList();
            return new(new PartListing(upload.Public, behind.Take(maxParts).ToList(), behind.Count > maxParts));
        }
    }

    public ValueTask<Outcome<UploadListing>> ListUploadsAsync(
        string bucket, ListUploadsRequest request, CancellationToken token)
    {
        lock (_gate)
        {
            if (!_buckets.TryGetValue(bucket, out var content))
            {
                return new(ObjectError.NoSuchBucket);
            }

            var items = content.Uploads.Values
                .OrderBy(upload => upload.Public.Path.Key.ToArray(), ByteOrder.Instance)
                .ThenBy(upload => upload.Public.UploadId, StringComparer.Ordinal)
                .Where(upload => upload.Public.Path.Key.Span.StartsWith(request.Prefix.Span))
                .Where(upload => IsBehind(upload.Public, request))
                .Select(upload => Cut(upload.Public, request))
                .ToList();
            var distinct = items
                .Where((item, index) => item.Upload is not null || index == 0 || items[index - 1].Upload is not null
                    || !items[index - 1].Key.Span.SequenceEqual(item.Key.Span))
                .ToList();
            return new(new UploadListing(
                distinct.Take(request.MaxItems).ToList(), request.MaxItems > 0 && distinct.Count > request.MaxItems));
        }
    }

    public ValueTask<ObjectError> AbortUploadAsync(ObjectPath path, string uploadId, CancellationToken token)
    {
        lock (_gate)
        {
            if (FindUpload(path, uploadId, out var error) is null)
            {
                return new(error);
            }

            _buckets[path.Bucket].Uploads.Remove(uploadId);
            return new(ObjectError.None);
        }
    }

    public ValueTask<Outcome<StoredObject>> CompleteUploadAsync(
        ObjectPath path, string uploadId, CompleteUploadRequest request, CancellationToken token)
    {
        lock (_gate)
        {
            if (FindUpload(path, uploadId, out var error) is not { } upload)
            {
                return new(error);
            }

            if (request.Parts.Any(part => !upload.Parts.TryGetValue(part.Number, out var known) || known.Part != part))
            {
                return new(ObjectError.InvalidPart);
            }

            var bytes = request.Parts.SelectMany(part => upload.Parts[part.Number].Bytes).ToArray();
            var stored = new StoredObject
            {
                Path = path,
                SizeBytes = bytes.Length,
                ETag = request.ETag,
                LastModified = Now(),
                Owner = request.Owner,
                Headers = upload.Request.Headers,
                UserMetadata = upload.Request.UserMetadata,
                Checksum = request.Checksum,
                Parts = request.Parts.Select(part => Summary(part, request.Checksum)).ToList(),
            };
            var outcome = Install(path, request.Condition, new Content(stored, bytes, uploadId));
            if (outcome.Error == ObjectError.None)
            {
                _buckets[path.Bucket].Uploads.Remove(uploadId);
            }

            return new(outcome);
        }
    }

    public ValueTask<Outcome<StoredObject>> FindCompletedUploadAsync(
        ObjectPath path, string uploadId, CancellationToken token)
    {
        lock (_gate)
        {
            var found = Find(path, out var error);
            return new(found is null ? error
                : found.UploadId == uploadId ? found.Object : ObjectError.NoSuchUpload);
        }
    }

    private static StoredPartSummary Summary(StoredPart part, StoredChecksum? checksum) => new(
        part.Number,
        part.SizeBytes,
        part.Checksums.FirstOrDefault(item => item.Algorithm == checksum?.Algorithm)?.Value);

    private static bool IsBehind(MultipartUpload upload, ListUploadsRequest request)
    {
        var order = upload.Path.Key.Span.SequenceCompareTo(request.KeyMarker.Span);
        return order > 0 || (order == 0 && request.UploadIdMarker is { } marker
            && string.CompareOrdinal(upload.UploadId, marker) > 0);
    }

    private static ObjectUploadListItem Cut(MultipartUpload upload, ListUploadsRequest request)
    {
        var cut = request.Delimiter.IsEmpty ? -1
            : upload.Path.Key.Span[request.Prefix.Length..].IndexOf(request.Delimiter.Span);
        return cut < 0
            ? new ObjectUploadListItem(upload.Path.Key, upload)
            : new ObjectUploadListItem(
                upload.Path.Key[..(request.Prefix.Length + cut + request.Delimiter.Length)], null);
    }

    private Upload? FindUpload(ObjectPath path, string uploadId, out ObjectError error)
    {
        error = ObjectError.NoSuchBucket;
        if (!_buckets.TryGetValue(path.Bucket, out var bucket))
        {
            return null;
        }

        error = ObjectError.NoSuchUpload;
        return bucket.Uploads.TryGetValue(uploadId, out var upload)
            && upload.Public.Path.Key.Span.SequenceEqual(path.Key.Span) ? upload : null;
    }

    private sealed class MemoryReader(InMemoryObjectStore owner, ReadOnlyMemory<byte> rest, int? failAfter)
        : IBlobReader
    {
        private const int BlockBytes = 64 * 1024;

        private ReadOnlyMemory<byte> _rest = rest;
        private int _given;
        private bool _disposed;

        public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken token)
        {
            if (_given >= failAfter)
            {
                throw new BlobReadException(RouterError.Unavailable, "The replicas went away.");
            }

            var length = Math.Min(_rest.Length, Math.Min(BlockBytes, failAfter - _given ?? BlockBytes));
            var block = _rest[..length];
            _rest = _rest[length..];
            _given += length;
            return new(block);
        }

        public ValueTask DisposeAsync()
        {
            if (!_disposed)
            {
                _disposed = true;
                Interlocked.Decrement(ref owner._openReaders);
            }

            return ValueTask.CompletedTask;
        }
    }
}
