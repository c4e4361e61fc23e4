namespace Ambry.Host.Handles;

/// <summary>
/// Which account and container a blob is put into, and which one an id belongs to. Blobs of accounts that are not here
/// do not exist for this API: the S3 gateway's blobs belong to its mapping. Immutable.
/// </summary>
internal sealed class HandleAccounts
{
    /// <summary>The original's id for uploads that name no account.</summary>
    public const ushort UnknownAccountId = ushort.MaxValue;

    private const ushort PublicContainerId = 0;
    private const ushort PrivateContainerId = 1;

    private static readonly HandleAccount Unknown = new(
        "ambry-unknown-account",
        UnknownAccountId,
        [
            new HandleContainer("default-public-container", PublicContainerId, Cacheable: true),
            new HandleContainer("default-private-container", PrivateContainerId),
        ]);

    private readonly Dictionary<string, HandleAccount> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<(ushort Account, ushort Container), HandlePlace> _byId = [];

    public HandleAccounts(IReadOnlyList<HandleAccount> accounts)
    {
        foreach (var account in accounts.Append(Unknown))
        {
            _byName.Add(account.Name, account);
            foreach (var container in account.Containers)
            {
                _byId.Add((account.Id, container.Id), new HandlePlace(account, container));
            }
        }
    }

    /// <summary>Null when the id is nobody's here.</summary>
    public HandlePlace? Find(Ambry.Protocol.BlobId id) => _byId.GetValueOrDefault((id.Account, id.Container));

    /// <summary>Where an upload goes that names these; without names its privacy decides.</summary>
    public HandlePlace Resolve(string? account, string? container, bool isPrivate)
    {
        if (account is null && container is null)
        {
            return _byId[(UnknownAccountId, isPrivate ? PrivateContainerId : PublicContainerId)];
        }

        if (account is null || container is null)
        {
            throw new HandleException(
                HandleFault.MissingArguments,
                $"{HandleHeaders.TargetAccount} and {HandleHeaders.TargetContainer} come together.");
        }

        if (!_byName.TryGetValue(account, out var owner))
        {
            throw new HandleException(HandleFault.InvalidAccount, "There is no such account.");
        }

        var found = owner.Containers.FirstOrDefault(c => c.Name == container)
            ?? throw new HandleException(HandleFault.InvalidContainer, "The account has no such container.");
        return new HandlePlace(owner, found);
    }
}

/// <summary>A container with the account that it is in.</summary>
internal sealed record HandlePlace(HandleAccount Account, HandleContainer Container);
