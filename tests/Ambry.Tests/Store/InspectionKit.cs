using Ambry.Log;
using Ambry.Store.Inspection;
using Ambry.Testing;
using Shouldly;

namespace Ambry.Tests.Store;

/// <summary>Verifies stores on simulated disks.</summary>
internal static class InspectionKit
{
    public static StorePlace PlaceOf(string folder) => new(StorePlaceKind.Store, folder, ".");

    public static ValueTask<VerifyReport> VerifyAsync(IDisk disk, string folder) =>
        StoreVerifier.VerifyAsync(disk, PlaceOf(folder), null, CancellationToken.None);

    public static async Task<VerifyReport> ShouldBeRightAsync(IDisk disk, string folder)
    {
        VerifyReport report = await VerifyAsync(disk, folder);
        report.Damage.ShouldBeEmpty();
        report.IsRight.ShouldBeTrue();
        return report;
    }

    /// <summary>Right, but for index files that somebody has taken away.</summary>
    public static async Task ShouldBeRightOrUnindexedAsync(IDisk disk, string folder)
    {
        VerifyReport report = await VerifyAsync(disk, folder);
        report.Damage.Where(finding => finding.Fault != VerifyFault.IndexGap).ShouldBeEmpty();
    }

    /// <summary>Exactly these kinds of damage.</summary>
    public static async Task ShouldFindAsync(IDisk disk, string folder, params VerifyFault[] faults)
    {
        VerifyReport report = await VerifyAsync(disk, folder);
        report.IsRight.ShouldBeFalse();
        report.Damage.Select(finding => finding.Fault).Distinct()
            .ShouldBe(faults, ignoreOrder: true, string.Join("\n", report.Damage));
    }

    /// <summary>All files of a disk below a folder.</summary>
    public static IEnumerable<string> FilesOf(SimDisk disk, string folder) =>
        disk.ListFiles(folder).Select(name => $"{folder}/{name}")
            .Concat(disk.ListDirectories(folder).SelectMany(name => FilesOf(disk, $"{folder}/{name}")));
}
