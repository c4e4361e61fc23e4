using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>What a read asks of each replica, and how it judges an answer. Immutable.</summary>
/// <param name="ExactLength">The bytes that must come; an answer of another length counts as damaged. Null for
/// any.</param>
/// <param name="AnswerBytes">What an answer takes of the budget; the caller has this for one.</param>
internal sealed record FetchRequest(GetBlobRequest Get, int? ExactLength, int AnswerBytes)
{
    public ReadSize Size => ReadLatencies.SizeOf(AnswerBytes);

    public async ValueTask<GetBlobResponse> AskAsync(RouterServices services, FetchAttempt attempt)
    {
        try
        {
            return await services.Peers.GetAsync(attempt.Replica.Node, Get, attempt.Token);
        }
        catch (OperationCanceledException)
        {
            return new GetBlobResponse(PeerError.Unreachable);
        }
        catch (Exception e)
        {
            Log.PeerThrew(services.Logger, attempt.Replica.Node, attempt.Replica.Partition, e);
            return new GetBlobResponse(PeerError.Internal);
        }
    }

    public PeerError Judge(RouterServices services, Replica replica, GetBlobResponse response)
    {
        if (response.Error != PeerError.None || ExactLength is null || response.Content.Length == ExactLength)
        {
            return response.Error;
        }

        Log.WrongLength(
            services.Logger, replica.Partition, replica.Node, Get.Id, response.Content.Length, ExactLength.Value);
        return PeerError.Corrupt;
    }
}
