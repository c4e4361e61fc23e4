namespace Ambry.Integration.Tests.Support;

/// <summary>The lines that a process says, and a way to wait for one of them. Thread safe.</summary>
public sealed class OutputLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private string? _wanted;
    private TaskCompletionSource? _found;

    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add(line);
            if (_wanted is not null && line.Contains(_wanted, StringComparison.Ordinal))
            {
                _found!.TrySetResult();
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _lines.Clear();
        }
    }

    /// <summary>
    /// Waits for a line that holds <paramref name="text"/>; fails with everything said when it does not come.
    /// </summary>
    public async Task WaitForAsync(string text, TimeSpan limit)
    {
        Task found;
        lock (_gate)
        {
            _wanted = text;
            _found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            found = _found.Task;
        }

        try
        {
            await found.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{text}' was not said within {limit}. Said:\n{ToString()}");
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return string.Join('\n', _lines);
        }
    }
}
