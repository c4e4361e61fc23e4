using Ambry.Server;
using Ambry.Store.Compaction;

namespace Ambry.Host.Parts;

/// <summary>The background work that people choose for a node's disks. Rates are per disk and second.</summary>
/// <param name="CompactionBytesPerSecond">What compaction copies at most; 0 knows no limit.</param>
/// <param name="ScrubBytesPerSecond">What the scrubber verifies; 0 switches it off.</param>
internal readonly record struct StorageSettings(
    TimeSpan DeletedRetention, long CompactionBytesPerSecond, long ScrubBytesPerSecond, bool HardDelete)
{
    public MaintenanceOptions ToMaintenance()
    {
        PacerOptions defaults = PacerOptions.Compaction;
        return new MaintenanceOptions
        {
            DeletedRetention = DeletedRetention,
            CompactionRate = defaults with
            {
                BytesPerSecondMax = CompactionBytesPerSecond,
                BytesPerSecondMin = Math.Min(CompactionBytesPerSecond, defaults.BytesPerSecondMin),
            },
            ScrubBytesPerSecond = ScrubBytesPerSecond,
            HardDelete = HardDelete,
        };
    }
}
