namespace Ambry.Testing;

/// <summary>
/// The names of a simulated disk: as seen, as durable, and the changes since. Each change belongs to one folder and is
/// lost or kept as a whole. Not thread safe.
/// </summary>
internal sealed class SimTree
{
    private readonly Dictionary<string, SimNode> _durableFiles = [];
    private readonly HashSet<string> _durableDirectories = [""];
    private readonly List<Change> _pending = [];

    public Dictionary<string, SimNode> Files { get; } = [];

    public HashSet<string> Directories { get; } = [""];

    public static string Parent(string path) =>
        path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    public bool HasDirectory(string path) => Directories.Contains(path);

    public void CreateDirectory(string path)
    {
        if (!Directories.Contains(path))
        {
            CreateDirectory(Parent(path));
            Do(new Change(Parent(path), null, path, null));
        }
    }

    public SimNode CreateFile(string path)
    {
        var node = new SimNode();
        Do(new Change(Parent(path), null, path, node));
        return node;
    }

    /// <summary>Within a folder one change; between two, one in each.</summary>
    public void Rename(string from, string to)
    {
        SimNode node = Files[from];
        if (Parent(from) == Parent(to))
        {
            Do(new Change(Parent(to), from, to, node));
            return;
        }

        Do(new Change(Parent(to), null, to, node));
        Do(new Change(Parent(from), from, null, null));
    }

    public void Delete(string path)
    {
        if (Files.ContainsKey(path))
        {
            Do(new Change(Parent(path), path, null, null));
        }
    }

    public void DeleteDirectory(string path)
    {
        if (Files.Keys.Concat(Directories).Any(name => name.Length > 0 && Parent(name) == path))
        {
            throw new IOException($"The folder {path} is not empty.");
        }

        if (Directories.Contains(path))
        {
            Do(new Change(Parent(path), path, null, null));
        }
    }

    public void SyncDirectory(string directory)
    {
        foreach (Change change in _pending.Where(change => change.Directory == directory))
        {
            change.Apply(_durableFiles, _durableDirectories);
        }

        _pending.RemoveAll(change => change.Directory == directory);
    }

    public SimTree AfterPowerCut(Random random)
    {
        Dictionary<string, SimNode> files = new(_durableFiles);
        HashSet<string> directories = [.. _durableDirectories];
        foreach (Change change in _pending.Where(_ => random.Next(2) == 0))
        {
            change.Apply(files, directories);
        }

        var after = new SimTree();
        foreach (string directory in directories.OrderBy(path => path.Length))
        {
            if (after.HasDirectory(Parent(directory)))
            {
                after.AddDurable(directory);
            }
        }

        // In a fixed order: the random choices must repeat.
        Dictionary<SimNode, SimNode> survivors = [];
        foreach ((string path, SimNode node) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (!survivors.TryGetValue(node, out SimNode? survivor))
            {
                survivors[node] = survivor = node.AfterPowerCut(random);
            }

            if (after.HasDirectory(Parent(path)))
            {
                after.AddDurable(path, survivor);
            }
        }

        return after;
    }

    public SimTree Copy()
    {
        var copy = new SimTree();
        foreach (string directory in Directories)
        {
            copy.AddDurable(directory);
        }

        foreach ((string path, SimNode node) in Files)
        {
            copy.AddDurable(path, node.Copy());
        }

        return copy;
    }

    /// <summary>The same tree, with all that is not durable yet.</summary>
    public SimTree Fork()
    {
        var fork = new SimTree();
        fork.Directories.UnionWith(Directories);
        fork._durableDirectories.UnionWith(_durableDirectories);
        Dictionary<SimNode, SimNode> nodes = [];
        foreach ((string path, SimNode node) in Files)
        {
            fork.Files[path] = Forked(node);
        }

        foreach ((string path, SimNode node) in _durableFiles)
        {
            fork._durableFiles[path] = Forked(node);
        }

        fork._pending.AddRange(
            _pending.Select(change => change.Node is { } node ? change with { Node = Forked(node) } : change));
        return fork;

        SimNode Forked(SimNode node)
        {
            if (!nodes.TryGetValue(node, out SimNode? copy))
            {
                nodes[node] = copy = node.Fork();
            }

            return copy;
        }
    }

    private void AddDurable(string directory)
    {
        Directories.Add(directory);
        _durableDirectories.Add(directory);
    }

    private void AddDurable(string path, SimNode node)
    {
        Files[path] = node;
        _durableFiles[path] = node;
    }

    private void Do(Change change)
    {
        change.Apply(Files, Directories);
        _pending.Add(change);
    }

    /// <summary>Takes one name away, adds one, or both at once; without a node the added one is a folder.</summary>
    private sealed record Change(string Directory, string? Removed, string? Added, SimNode? Node)
    {
        public void Apply(Dictionary<string, SimNode> files, HashSet<string> directories)
        {
            if (Removed is not null)
            {
                files.Remove(Removed);
                directories.Remove(Removed);
            }

            if (Added is not null && Node is not null)
            {
                files[Added] = Node;
            }
            else if (Added is not null)
            {
                directories.Add(Added);
            }
        }
    }
}
