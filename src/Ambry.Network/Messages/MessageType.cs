namespace Ambry.Network;

/// <summary>What the body of a frame is; the values travel on the wire and never change.</summary>
internal enum MessageType : byte
{
    None = 0,
    Put = 1,
    Get = 2,
    Delete = 3,
    UpdateTtl = 4,
    Undelete = 5,
    ReplicaMetadata = 6,
    FetchBlobs = 7,
    ClusterMap = 8,

    /// <summary>An error, or the success of a request that has nothing more to tell. Answers any request.</summary>
    Outcome = 0x80,
    GetAnswer = 0x82,
    ReplicaMetadataAnswer = 0x86,
    FetchBlobsAnswer = 0x87,
    ClusterMapAnswer = 0x88,

    /// <summary>From a listener that is about to close: no new requests on this connection, please.</summary>
    GoAway = 0xC0,
}

internal static class MessageTypes
{
    /// <summary>No request has a longer body: user metadata and some fields, or ids of blobs.</summary>
    public const int MaxRequestBody = 128 * 1024;

    /// <summary>For metrics: a closed set.</summary>
    public static string NameOf(this MessageType type) => type switch
    {
        MessageType.Put => "Put",
        MessageType.Get => "Get",
        MessageType.Delete => "Delete",
        MessageType.UpdateTtl => "UpdateTtl",
        MessageType.Undelete => "Undelete",
        MessageType.ReplicaMetadata => "ReplicaMetadata",
        MessageType.FetchBlobs => "FetchBlobs",
        MessageType.ClusterMap => "ClusterMap",
        _ => "Unknown",
    };

    /// <summary>Whether an answer of a type may follow a request of a type.</summary>
    public static bool MayAnswer(this MessageType answer, MessageType request) => answer == MessageType.Outcome
        || (byte)answer == ((byte)request | 0x80);
}
