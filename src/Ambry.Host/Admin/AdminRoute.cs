using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// One answer of the operators' listener. Immutable. A GET answers HEAD too; anything else is refused to web pages.
/// </summary>
/// <param name="Template">A path; {} stands for any one name.</param>
internal sealed record AdminRoute(string Method, string Template, Func<AdminCall, Task> Answer)
{
    private readonly string[] _names = Template.Split('/');

    /// <summary>The longest body that it reads.</summary>
    public long BodyBytesMax { get; init; }

    /// <summary>Longer than any answer takes when the node is well, shorter than people wait.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Probes do not carry a token, and learn nothing that helps an attacker.</summary>
    public bool IsForEveryone { get; init; }

    /// <summary>Whether the path is one of the template, and what its names were.</summary>
    public bool Matches(string path, out string[] names)
    {
        names = [];
        string[] given = path.Split('/');
        if (given.Length != _names.Length)
        {
            return false;
        }

        var found = new List<string>();
        for (int i = 0; i < given.Length; i++)
        {
            if (_names[i] == "{}" && given[i].Length > 0)
            {
                found.Add(given[i]);
            }
            else if (_names[i] != given[i])
            {
                return false;
            }
        }

        names = [.. found];
        return true;
    }

    public bool Takes(string method) =>
        method == Method || (HttpMethods.IsGet(Method) && HttpMethods.IsHead(method));
}
