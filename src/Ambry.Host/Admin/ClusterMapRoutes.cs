using System.Globalization;
using Ambry.Host.Cluster;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// GET /cluster/map answers the map in force, with its version as the ETag. PUT /cluster/map takes a newer one over;
/// If-Match says which version it was made from, so that two operators do not undo each other's edits.
/// </summary>
internal static class ClusterMapRoutes
{
    private const string Path = "/cluster/map";

    /// <summary>Opening the stores of a large change takes its time.</summary>
    private static readonly TimeSpan PutLimit = TimeSpan.FromMinutes(5);

    public static IEnumerable<AdminRoute> Create(Func<ClusterMapKeeper?> keeper)
    {
        yield return new AdminRoute("GET", Path, With(GetAsync));
        yield return new AdminRoute("PUT", Path, With(PutAsync))
        {
            BodyBytesMax = ClusterMapKeeper.JsonBytesMax,
            Limit = PutLimit,
        };

        Func<AdminCall, Task> With(Func<AdminCall, ClusterMapKeeper, Task> answer) => call => keeper() is { } maps
            ? answer(call, maps)
            : call.LineAsync(StatusCodes.Status503ServiceUnavailable, "starting");
    }

    private static Task GetAsync(AdminCall call, ClusterMapKeeper keeper)
    {
        call.Context.Response.Headers.ETag = Quote(keeper.Live.Current.Layout.Version);
        return call.BytesAsync(StatusCodes.Status200OK, "application/json", keeper.Json);
    }

    private static async Task PutAsync(AdminCall call, ClusterMapKeeper keeper)
    {
        string match = call.Context.Request.Headers.IfMatch.ToString().Trim('"');
        if (match.Length == 0)
        {
            await call.LineAsync(
                StatusCodes.Status428PreconditionRequired, "If-Match has to name the version that the edit began with");
        }
        else if (!long.TryParse(match, NumberStyles.None, CultureInfo.InvariantCulture, out long editedFrom))
        {
            await call.BadRequestAsync("If-Match is not a version");
        }
        else if (await call.TryReadBodyAsync() is { } json)
        {
            await AnswerAsync(call, await keeper.OfferAsync(json, "An operator", editedFrom, call.Token));
        }
        else
        {
            await call.LineAsync(StatusCodes.Status413PayloadTooLarge, "the map is too long");
        }
    }

    private static Task AnswerAsync(AdminCall call, MapAnswer answer)
    {
        int status = answer.Verdict switch
        {
            MapVerdict.Taken or MapVerdict.Known => StatusCodes.Status200OK,
            MapVerdict.Outdated or MapVerdict.Split => StatusCodes.Status409Conflict,
            MapVerdict.Invalid => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };
        call.Context.Response.Headers.ETag = Quote(answer.Version);
        return call.JsonAsync(status, json =>
        {
            json.WriteString("verdict", answer.Verdict.ToString());
            json.WriteNumber("version", answer.Version);
            json.WriteNumber("offered", answer.Offered);
            json.WriteStartArray("faults");
            foreach (string fault in answer.Faults)
            {
                json.WriteStringValue(fault);
            }

            json.WriteEndArray();
        });
    }

    private static string Quote(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
}
