using Ambry.Objects;
using Ambry.S3.Errors;
using Shouldly;
using Xunit;
using ObjectErrorMap = Ambry.Gateway.ObjectErrorMap;

namespace Ambry.Tests.Gateway;

public sealed class ObjectErrorMapTests
{
    private static readonly Dictionary<ObjectError, S3Error> Expected = new()
    {
        [ObjectError.None] = S3Errors.InternalError,
        [ObjectError.NoSuchBucket] = S3Errors.NoSuchBucket,
        [ObjectError.BucketExists] = S3Errors.BucketAlreadyOwnedByYou,
        [ObjectError.BucketNotEmpty] = S3Errors.BucketNotEmpty,
        [ObjectError.NoSuchKey] = S3Errors.NoSuchKey,
        [ObjectError.NoSuchUpload] = S3Errors.NoSuchUpload,
        [ObjectError.InvalidPart] = S3Errors.InvalidPart,
        [ObjectError.PreconditionFailed] = S3Errors.PreconditionFailed,
        [ObjectError.Conflict] = S3Errors.ConditionalRequestConflict,
        [ObjectError.Busy] = S3Errors.SlowDown,
        [ObjectError.Unavailable] = S3Errors.ServiceUnavailable,
        [ObjectError.InsufficientCapacity] = S3Errors.ServiceUnavailable,
        [ObjectError.Corrupt] = S3Errors.InternalError,
        [ObjectError.Internal] = S3Errors.InternalError,
    };

    [Fact]
    public void Every_value_has_its_line()
    {
        foreach (var error in Enum.GetValues<ObjectError>())
        {
            Expected.ShouldContainKey(error);
            ObjectErrorMap.ToS3Error(error).ShouldBe(Expected[error], error.ToString());
        }
    }

    [Fact]
    public void A_value_of_a_later_version_is_an_internal_error() =>
        ObjectErrorMap.ToS3Error((ObjectError)9999).ShouldBe(S3Errors.InternalError);
}
