namespace Ambry.Host.Parts;

/// <summary>
/// How opening a folder with all its parts fails: everything closed again, and one line that says why.
/// </summary>
internal static class Opening
{
    /// <exception cref="StartupException">The folder cannot be used, or what is in it does not open.</exception>
    public static async Task<T> RunAsync<T>(
        T parts, Func<T, CancellationToken, Task> open, string folder, CancellationToken token)
        where T : IAsyncDisposable
    {
        try
        {
            await open(parts, token);
            return parts;
        }
        catch (Exception fault)
        {
            await parts.DisposeAsync();
            if (fault is StartupException || token.IsCancellationRequested)
            {
                throw;
            }

            throw new StartupException(
                fault is IOException or UnauthorizedAccessException
                    ? $"{folder} cannot be used: {fault.Message}"
                    : $"{folder} does not open ({fault.GetType().Name}): {fault.Message}",
                fault);
        }
    }
}
