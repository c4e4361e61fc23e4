namespace Ambry.Architecture.Tests;

/// <summary>A place where an answer differs from AWS's on purpose, or where AWS leaves a choice.</summary>
internal sealed record Deviation(string Subject, string Aws, string Here, string Why);

/// <summary>The deviations that the compatibility page lists.</summary>
internal static class Deviations
{
    public static readonly Deviation[] All =
    [
        new(
            "Access control lists",
            "Depends on the bucket's object ownership",
            "Always off, as in a new AWS bucket: `private`, `bucket-owner-read` and `bucket-owner-full-control` are "
            + "accepted and mean the same; other canned lists and grants answer AccessControlListNotSupported",
            "One owner of everything in a bucket; policies decide about access"),
        new(
            "Versions",
            "Off until a bucket turns them on",
            "Never on: `versionId=null` is the object itself, any other id answers NoSuchVersion, also on DELETE "
            + "(AWS answers 204 there)",
            "Success would say that something was deleted"),
        new(
            "Unknown sub-resources",
            "Unknown query parameters are ignored",
            "A bare unknown word such as `?something` answers NotImplemented; unknown parameters with a value, and "
            + "cache busters with digits, are ignored",
            "A sub-resource of a newer model must not overwrite the object itself"),
        new(
            "Server-side encryption",
            "Every object is encrypted; headers choose how",
            "Headers that ask for encryption answer NotImplemented; on reads they answer InvalidRequest",
            "A header that is ignored would promise what is not done"),
        new(
            "Object lock",
            "Needs a bucket made for it",
            "No bucket is: the headers answer InvalidRequest",
            "Same answer as AWS gives for a bucket without it"),
        new(
            "Tags on writes",
            "Stored",
            "`x-amz-tagging` with a value answers NotImplemented; an empty one counts as absent",
            "Some clients send the empty header always"),
        new(
            "Storage classes",
            "Many",
            "STANDARD only; others answer InvalidStorageClass",
            "There is one kind of storage"),
        new(
            "`encoding-type=url`",
            "Space is written as `+`",
            "Space is written as `%20`, and `+` as `%2B`",
            "Both kinds of client decoders read it right"),
        new(
            "Several ranges in one Range header",
            "Ignored: the whole object with 200",
            "The same",
            "AWS's choice; RFC 9110 allows it"),
        new(
            "Conditions of directory buckets",
            "Directory buckets only",
            "`x-amz-if-match-size` and `x-amz-if-match-last-modified-time` answer NotImplemented",
            "A condition that is ignored deletes what it was to protect"),
        new(
            "Keys",
            "UTF-8, up to 1,024 bytes",
            "The same, and never normalised: `//`, `.`, `..`, `%2F` and control characters are part of a key",
            "A key is a name and not a path"),
        new(
            "NUL in keys",
            "Accepted",
            "Refused by the HTTP server as a bad request, before there is an answer of S3",
            "The server lets no escaped NUL into a target"),
        new(
            "Copies of multipart objects",
            "A copy has one part and the MD5 of its bytes as its ETag",
            "CopyObject keeps the ETag and the parts of its source",
            "A copy is a second name for the same bytes, made in constant time"),
        new(
            "Signature Version 2",
            "Refused in newer regions",
            "Accepted in presigned URLs only; in the Authorization header it answers InvalidRequest",
            "Clients still presign with it by default; signing requests so nobody does"),
        new(
            "Headers in presigned URLs",
            "`x-amz-*` parameters count as headers",
            "The same, but the value of a checksum there is not compared, and a header that differs from the parameter "
            + "answers InvalidArgument",
            "SDKs make that value over an empty body when they presign; a contradiction has no right reading"),
        new(
            "Conditions in DeleteObjects",
            "ETag, Size and LastModifiedTime, the latter two for directory buckets",
            "ETag is honoured; Size and LastModifiedTime answer NotImplemented for their key",
            "A condition that is passed over deletes what it was to protect"),
        new(
            "Body of CreateBucket",
            "Location constraint, tags, kinds of directory buckets",
            "A location constraint; Tags, Location and Bucket answer NotImplemented",
            "The bucket would not be the one that was asked for"),
    ];
}
