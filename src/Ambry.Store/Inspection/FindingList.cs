namespace Ambry.Store.Inspection;

/// <summary>What a pass has found, bounded. Not thread safe.</summary>
internal sealed class FindingList(string folder)
{
    private readonly List<VerifyFinding> _damage = [];
    private readonly List<VerifyFinding> _notes = [];

    public IReadOnlyList<VerifyFinding> Damage => _damage;

    public IReadOnlyList<VerifyFinding> Notes => _notes;

    public long MoreDamage { get; private set; }

    /// <summary>A path on the disk as it is shown: relative to the folder.</summary>
    public string Relative(string path) =>
        path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : path;

    public VerifyFinding Of(VerifyFault fault, string path, long? offset, long? lsn, string message) =>
        new(fault, Relative(path), offset, lsn, message);

    public void AddDamage(VerifyFault fault, string path, long? offset, long? lsn, string message) =>
        AddDamage(Of(fault, path, offset, lsn, message));

    public void AddDamage(VerifyFinding finding)
    {
        if (_damage.Count < VerifyReport.MaxFindings)
        {
            _damage.Add(finding);
        }
        else
        {
            MoreDamage++;
        }
    }

    public void AddNote(string path, long? offset, long? lsn, string message) =>
        AddNote(Of(VerifyFault.None, path, offset, lsn, message));

    public void AddNote(VerifyFinding finding)
    {
        if (_notes.Count < VerifyReport.MaxFindings)
        {
            _notes.Add(finding);
        }
    }
}
