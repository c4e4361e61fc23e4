namespace Ambry.Host.Admin;

/// <summary>Whether this process should be sent requests. Thread safe.</summary>
internal sealed class ReadinessState
{
    private volatile string _reason = "starting";

    /// <summary>Null when ready, else why not.</summary>
    public string? Reason => _reason.Length == 0 ? null : _reason;

    public void SetReady() => _reason = "";

    public void SetUnready(string reason) => _reason = reason;
}
