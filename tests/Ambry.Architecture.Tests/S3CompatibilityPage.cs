using System.Text;
using Ambry.S3.Operations;

namespace Ambry.Architecture.Tests;

/// <summary>
/// Writes docs/s3-compatibility.md out of the operation table, so that the page cannot claim what the code does not.
/// Stateless.
/// </summary>
internal static class S3CompatibilityPage
{
    public static string Render()
    {
        var page = new StringBuilder();
        page.Append("# S3 compatibility\n\n");
        page.Append("Generated from the operation table and compared with it in a test; to write it anew, run the\n");
        page.Append("architecture tests with `AMBRY_UPDATE_DOCS=1`.\n\n");
        Summary(page);
        foreach (var level in Enum.GetValues<S3Level>())
        {
            Operations(page, level);
        }

        Headers(page);
        Differences(page);
        return page.ToString();
    }

    private static void Summary(StringBuilder page)
    {
        page.Append("| Answer | Operations | Meaning |\n|---|---|---|\n");
        Row(page, "yes", Count(S3OperationState.Implemented), "Built; the last column names the test that shows it");
        Row(page, "unset", Count(S3OperationState.Absent), "Answers truthfully that nothing of the kind is configured");
        Row(page, "no", Count(S3OperationState.NotImplemented), "501 NotImplemented; never a success without the work");
        page.Append('\n');
    }

    private static string Count(S3OperationState state) =>
        S3OperationTable.All.Count(row => row.State == state).ToString();

    private static void Operations(StringBuilder page, S3Level level)
    {
        page.Append("## ").Append(level).Append(" operations\n\n");
        page.Append("| Operation | Request | Answer | Proven by |\n|---|---|---|---|\n");
        var rows = S3OperationTable.All.Where(row => row.Level == level);
        foreach (var row in rows.OrderBy(row => row.Name, StringComparer.Ordinal))
        {
            Row(page, row.Name, $"`{Request(row)}`", Answer(row), row.ProvenBy ?? "—");
        }

        page.Append('\n');
    }

    private static string Request(S3Operation row)
    {
        var path = row.Level switch
        {
            S3Level.Service => "/",
            S3Level.Bucket => "/{bucket}",
            _ => "/{bucket}/{key}",
        };
        string?[] query = [row.Selector, .. row.Refinements];
        var parameters = string.Join('&', query.OfType<string>());
        var request = $"{row.Method} {path}{(parameters.Length > 0 ? "?" : "")}{parameters}";
        return row.Header is null ? request : $"{request} + {row.Header}";
    }

    private static string Answer(S3Operation row) => row.State switch
    {
        S3OperationState.Implemented => "yes",
        S3OperationState.NotImplemented => "no",
        _ when row.AbsenceError is { } error => $"unset: {error.Status} {error.Code}",
        _ => $"unset: empty {row.EmptyDocument}",
    };

    private static void Headers(StringBuilder page)
    {
        page.Append("## Headers that are refused\n\n");
        page.Append("They ask for what is not built. An empty value counts as absent.\n\n");
        page.Append("| Header | On | Accepted values | Answer |\n|---|---|---|---|\n");
        foreach (var rule in UnsupportedHeaders.All)
        {
            Row(
                page,
                $"`{rule.Name}`",
                string.Join(", ", rule.Operations),
                rule.Accepted.Count == 0 ? "—" : string.Join(", ", rule.Accepted.Select(value => $"`{value}`")),
                rule.KnownError is null ? rule.Error.Code : $"{rule.KnownError.Code}; {rule.Error.Code} if unknown");
        }

        page.Append('\n');
    }

    private static void Differences(StringBuilder page)
    {
        page.Append("## Deviations and choices\n\n");
        page.Append("| Subject | AWS | Here | Why |\n|---|---|---|---|\n");
        foreach (var deviation in Deviations.All)
        {
            Row(page, deviation.Subject, deviation.Aws, deviation.Here, deviation.Why);
        }
    }

    private static void Row(StringBuilder page, params string[] cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
