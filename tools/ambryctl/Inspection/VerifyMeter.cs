using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>
/// One line on a terminal that says how far a verification is; nothing elsewhere. Disposing takes the line away.
/// </summary>
internal sealed class VerifyMeter(ControlStreams io, string name) : IProgress<VerifyProgress>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly long _start = io.Time.GetTimestamp();
    private TimeSpan _shownAt;
    private int _width;

    public void Report(VerifyProgress value)
    {
        TimeSpan now = io.Time.GetElapsedTime(_start);
        if (!io.ErrorIsTerminal || now - _shownAt < Pause)
        {
            return;
        }

        _shownAt = now;
        long percent = value.BytesTotal == 0 ? 0 : Math.Min(100, value.BytesRead * 100 / value.BytesTotal);
        string line = $"verifying {name}: {percent} %, {Words.Bytes(value.BytesRead)} of "
            + Words.Bytes(value.BytesTotal);
        io.Error.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }

    public void Dispose()
    {
        if (_width > 0)
        {
            io.Error.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }
}
