namespace Ambry.Bench.Engine;

/// <summary>What the cases of one run share.</summary>
/// <param name="Folder">An empty folder on the disk that is measured; removed at the end.</param>
/// <param name="Fio">Null when it is not installed.</param>
/// <param name="Rounds">How often each measurement is repeated.</param>
internal sealed record EngineContext(
    string Folder, bool Quick, int Rounds, Fio? Fio, Report Report, TimeProvider Time)
{
    /// <summary>The large number in a real run, the small one in a quick one.</summary>
    public int Size(int full, int quick) => Quick ? quick : full;
}

/// <summary>One group of figures.</summary>
internal interface IEngineCase
{
    string Name { get; }

    Task RunAsync(EngineContext context, CancellationToken token);
}
