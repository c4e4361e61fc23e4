using Ambry.Router;

namespace Ambry.Host.Handles;

/// <summary>Reads what the fields of an upload say of the blob to be. Thread safe.</summary>
internal sealed class UploadHeads(HandleOptions options, HandleAccounts accounts, TimeProvider time)
{
    private const int TextLengthMax = 256;
    private const int FilenameLengthMax = 1024;

    /// <summary>Headers are read as Latin-1, which UTF-8 writes with two bytes at most.</summary>
    private const int MaxBytesOfCharacter = 2;

    /// <exception cref="HandleException">A field is missing, or cannot be what it should.</exception>
    public UploadHead Read(HandleFields fields)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var annotation = new HandleAnnotation
        {
            CreatedAt = now,
            ServiceId = fields.Require(HandleHeaders.ServiceId, TextLengthMax),
            ContentType = fields.Require(HandleHeaders.ContentType, TextLengthMax),
            OwnerId = fields.Text(HandleHeaders.OwnerId, TextLengthMax) ?? "",
            ContentEncoding = fields.Text(HandleHeaders.ContentEncoding, TextLengthMax) ?? "",
            Filename = fields.Text(HandleHeaders.Filename, FilenameLengthMax) ?? "",
            IsPrivate = fields.Flag(HandleHeaders.Private),
            UserMetadata = ReadUserMetadata(fields),
        };
        var place = accounts.Resolve(
            fields[HandleHeaders.TargetAccount], fields[HandleHeaders.TargetContainer], annotation.IsPrivate);
        bool isChunk = fields.Flag(HandleHeaders.ChunkUpload);
        var lifetime = isChunk ? LifetimeOfChunk(fields) : LifetimeIn(place, fields);
        return new UploadHead(annotation, place, now + lifetime)
        {
            SizeBytes = fields.Number(HandleHeaders.BlobSize, 0, long.MaxValue),
            ChunkSession = isChunk
                ? fields.Require(HandleHeaders.Session, SignedChunk.SessionBytesMax / MaxBytesOfCharacter)
                : null,
        };
    }

    private static TimeSpan? LifetimeIn(HandlePlace place, HandleFields fields)
    {
        var lifetime = fields.Lifetime();
        return lifetime is null && place.Container.TtlRequired
            ? throw new HandleException(
                HandleFault.InvalidArguments, $"The container takes no blobs without {HandleHeaders.Ttl}.")
            : lifetime;
    }

    /// <summary>A chunk that nobody stitches has to go by itself.</summary>
    private TimeSpan LifetimeOfChunk(HandleFields fields)
    {
        var lifetime = fields.Lifetime() ?? options.ChunkTtl;
        return lifetime <= options.ChunkTtl
            ? lifetime
            : throw new HandleException(
                HandleFault.InvalidArguments,
                $"A chunk's {HandleHeaders.Ttl} is at most {(long)options.ChunkTtl.TotalSeconds}.");
    }

    private List<KeyValuePair<string, string>> ReadUserMetadata(HandleFields fields)
    {
        var items = new List<KeyValuePair<string, string>>();
        int bytes = 0;
        foreach (var field in fields.All)
        {
            if (!field.Key.StartsWith(HandleHeaders.UserMetadataPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            string name = field.Key[HandleHeaders.UserMetadataPrefix.Length..];
            bytes += name.Length + field.Value.Length;
            if (name.Length == 0 || items.Count == HandleAnnotation.ItemsMax || bytes > options.UserMetadataBytesMax)
            {
                throw new HandleException(
                    HandleFault.InvalidArguments,
                    $"{HandleHeaders.UserMetadataPrefix}* are at most {HandleAnnotation.ItemsMax} named fields of "
                    + $"{options.UserMetadataBytesMax} bytes together.");
            }

            items.Add(new(name, field.Value));
        }

        return items;
    }
}

/// <summary>A blob to be.</summary>
/// <param name="ExpiresAt">Null for a permanent one.</param>
internal sealed record UploadHead(HandleAnnotation Annotation, HandlePlace Place, DateTimeOffset? ExpiresAt)
{
    /// <summary>The size that the client announced; null when it did not.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Of a chunk that is to be stitched; null for a blob by itself.</summary>
    public string? ChunkSession { get; init; }

    public PutBlobOptions ToOptions(long? sizeHint) =>
        new(Place.Account.Id, Place.Container.Id, Annotation.Encode(), sizeHint, ExpiresAt);
}
