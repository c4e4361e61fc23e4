using System.Globalization;
using Ambry.S3.Errors;

namespace Ambry.S3.Conditions;

/// <summary>The partNumber of a part to write, or to read. Stateless.</summary>
public static class PartNumber
{
    public const int Max = 10_000;

    /// <exception cref="S3Exception">InvalidArgument unless it is an integer from 1 to 10,000.</exception>
    public static int Parse(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is >= 1 and <= Max
            ? number
            : throw new S3Exception(
                S3Errors.InvalidArgument, $"Part number must be an integer between 1 and {Max}, inclusive")
            {
                Extras = [new("ArgumentName", "partNumber"), new("ArgumentValue", value)],
            };
}
