namespace Ambry.S3.Errors;

/// <summary>One row of the error table: the code clients switch on, its HTTP status and its default message.</summary>
public sealed record S3Error(string Code, int Status, string Message);
