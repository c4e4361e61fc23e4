using Ambry.Objects;

namespace Ambry.Gateway;

/// <summary>The objects below failed for a reason that is no client's business: the log has it, the client an internal error.</summary>
internal sealed class ObjectFailureException(ObjectError error) : Exception($"The object store answered {error}.")
{
    public ObjectError Error { get; } = error;
}
