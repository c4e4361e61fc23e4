namespace Ambry.Host.Configuration;

/// <summary>The least that a log says.</summary>
internal enum LogVerbosity
{
    Debug,
    Information,
    Warning,
    Error,
}
