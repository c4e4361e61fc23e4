using System.Diagnostics;
using System.Globalization;

namespace Ambry.Bench.Engine;

/// <summary>
/// A process of this tool, and the line of figures it answers with. Killed when it still runs at the end.
/// </summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;

    private Child(Process process)
    {
        _process = process;
    }

    public static Child Start(params string[] arguments)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("This process has no path.");
        // Either the tool's own executable, or dotnet with its assembly.
        string[] assembly = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(Child).Assembly.Location] : [];
        var start = new ProcessStartInfo(self, [.. assembly, ChildCommand.Verb, .. arguments])
        {
            RedirectStandardOutput = true,
        };
        return new Child(Process.Start(start) ?? throw new InvalidOperationException("The child does not start."));
    }

    /// <summary>Waits for the line that begins with a word; returns the words after it.</summary>
    public async Task<string[]> HearAsync(string word, CancellationToken token)
    {
        while (await _process.StandardOutput.ReadLineAsync(token) is { } line)
        {
            string[] words = line.Split(' ');
            if (words[0] == word)
            {
                return words[1..];
            }
        }

        throw new InvalidOperationException($"The child ended before it said '{word}'.");
    }

    public static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);

    /// <summary>SIGKILL: nothing is written, flushed or closed.</summary>
    public async Task KillAsync(CancellationToken token)
    {
        _process.Kill();
        await _process.WaitForExitAsync(token);
    }

    public async Task EndAsync(CancellationToken token)
    {
        await _process.WaitForExitAsync(token);
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The child ended with {_process.ExitCode}.");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
