using System.Text;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Tests.Router;

/// <summary>The sample of docs/router.md, word for word, between the two marks.</summary>
internal static class RouterSample
{
    // <sample>
    public static async Task<string> RunAsync(
        ClusterLayout layout, IPeerClient peers, ILoggerFactory logs, CancellationToken token)
    {
        // The map as this process sees it: from data centre 1. TryAdvance on it is all that a change takes.
        var map = new LiveClusterMap(new ClusterView(layout, new DataCenterId(1)));
        var router = new BlobRouter(
            map,
            peers,
            new RouterOptions(),
            new RandomIdSource(),
            TimeProvider.System,
            logs.CreateLogger<BlobRouter>());

        // Any stream of any length; account and container are yours to number.
        var options = new PutBlobOptions(Account: 1, Container: 1, UserMetadata: "text/plain"u8.ToArray());
        using var content = new MemoryStream("Hello, blob."u8.ToArray());
        PutBlobResult put = await router.PutAsync(options, content, token);
        if (put.Error != RouterError.None)
        {
            return $"not stored: {put.Error}";
        }

        // The id is all there is to keep. It travels as text.
        string handle = put.Id.ToString();
        BlobId.TryParse(handle, out BlobId id);

        OpenBlobResult opened = await router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, token);
        var text = new StringBuilder();
        if (opened.Reader is not null)
        {
            await using IBlobReader reader = opened.Reader;
            while (await reader.ReadAsync(token) is { Length: > 0 } block)
            {
                // A block is valid until the next call.
                text.Append(Encoding.UTF8.GetString(block.Span));
            }
        }

        RouterError deleted = await router.DeleteAsync(id, DeleteScope.Whole, token);
        RouterError restored = await router.UndeleteAsync(id, token);

        // What failed puts left behind: in a loop of yours, every second or so.
        await router.BackgroundDeleter.RunOnceAsync(token);
        return $"{text} {deleted} {restored}";
    }

    // </sample>
}
