using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Operations;

/// <summary>
/// All operations of the dialect as data, and the one place that decides which of them a request means. A
/// sub-resource that is not built, or not known, never falls through to the resource itself: writing a tag set must
/// not overwrite the object. Immutable.
/// </summary>
public static class S3OperationTable
{
    /// <summary>A preflight asks about any target and is not authenticated.</summary>
    private static readonly S3Operation Preflight =
        new(S3OperationKind.CorsPreflight, "OPTIONS", S3Level.Object, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "CorsPreflightTests",
        };

    private static readonly S3Operation[] Rows =
        [.. S3OperationRows.Service, .. S3OperationRows.Bucket, .. S3OperationRows.Object, Preflight];

    private static readonly HashSet<string> Selectors =
        [.. SubResources.Foreign, .. Rows.Where(row => row.Selector is not null).Select(row => row.Selector!)];

    public static IReadOnlyList<S3Operation> All => Rows;

    /// <summary>The operation that a request means; its state may be NotImplemented.</summary>
    /// <exception cref="S3Exception">
    /// MethodNotAllowed, NotImplemented or InvalidArgument when the request means no operation at all.
    /// </exception>
    public static S3Operation Resolve(S3Request request, S3Target target)
    {
        if (request.Method == Preflight.Method)
        {
            return Preflight;
        }

        var level = target.IsObject ? S3Level.Object : target.Bucket is null ? S3Level.Service : S3Level.Bucket;
        var selector = SelectorOf(target.Query);
        CheckPartNumber(request.Method, level, selector, target.Query);
        S3Operation? best = null;
        foreach (var row in RowsOf(level))
        {
            // The row that asks for most is meant: GET ?analytics&id=x is not the list of all.
            if (row.Method == request.Method && row.Selector == selector && Matches(row, request, target.Query)
                && (best is null || Weight(row) > Weight(best)))
            {
                best = row;
            }
        }

        if (best is { Kind: S3OperationKind.ListObjects } && target.Query["list-type"] is not (null or "" or "1"))
        {
            throw new S3Exception(S3Errors.InvalidArgument, "Invalid List Type")
            {
                Extras = [new("ArgumentName", "list-type"), new("ArgumentValue", target.Query["list-type"] ?? "")],
            };
        }

        return best ?? throw NoOperation(request.Method, level, selector);
    }

    /// <summary>A part without its upload must not become an object, nor the other way round.</summary>
    private static void CheckPartNumber(string method, S3Level level, string? selector, S3Query query)
    {
        if (method != "PUT" || level != S3Level.Object || (selector == "uploadId") == query.Has("partNumber"))
        {
            return;
        }

        var (given, missing) = selector == "uploadId" ? ("uploadId", "partNumber") : ("partNumber", "uploadId");
        throw new S3Exception(S3Errors.InvalidArgument, $"The parameter {given} needs {missing} beside it.")
        {
            Extras = [new("ArgumentName", given), new("ArgumentValue", query[given] ?? "")],
        };
    }

    private static S3Operation[] RowsOf(S3Level level) => level switch
    {
        S3Level.Service => S3OperationRows.Service,
        S3Level.Bucket => S3OperationRows.Bucket,
        _ => S3OperationRows.Object,
    };

    private static int Weight(S3Operation row) => row.Refinements.Count + (row.Header is null ? 0 : 1);

    private static bool Matches(S3Operation row, S3Request request, S3Query query)
    {
        // An empty copy source is a fault of the copy; passed over, it would make the copy's target an empty object.
        if (row.Header is not null && request.Headers[row.Header] is null)
        {
            return false;
        }

        foreach (var refinement in row.Refinements)
        {
            var equals = refinement.IndexOf('=', StringComparison.Ordinal);
            var matches = equals < 0
                ? query.Has(refinement)
                : query[refinement[..equals]] == refinement[(equals + 1)..];
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    private static string? SelectorOf(S3Query query)
    {
        string? found = null;
        foreach (var parameter in query.Parameters)
        {
            var name = parameter.Name;
            if (Selectors.Contains(name))
            {
                if (found is not null && found != name)
                {
                    throw Conflict(found, name);
                }

                found = name;
            }
            else if (SubResources.MayBeNewer(parameter))
            {
                throw new S3Exception(S3Errors.NotImplemented) { Extras = [new("ResourceType", name)] };
            }
        }

        return found;
    }

    private static S3Exception Conflict(string first, string second) =>
        new(S3Errors.InvalidArgument, $"Conflicting query string parameters: {first}, {second}")
        {
            Extras = [new("ArgumentName", "ResourceType"), new("ArgumentValue", first)],
        };

    private static S3Exception NoOperation(string method, S3Level level, string? selector)
    {
        var allowed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var row in RowsOf(level))
        {
            if (row.Selector == selector)
            {
                allowed.Add(row.Method);
            }
        }

        if (selector is not null && (allowed.Count == 0 || allowed.Contains(method)))
        {
            return new S3Exception(S3Errors.NotImplemented) { Extras = [new("ResourceType", selector)] };
        }

        return new S3Exception(S3Errors.MethodNotAllowed)
        {
            Extras = [new("Method", method), new("ResourceType", selector ?? level.ToString().ToUpperInvariant())],
            Headers = [new("Allow", string.Join(", ", allowed))],
        };
    }
}
