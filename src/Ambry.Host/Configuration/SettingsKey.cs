using System.Text.Json;

namespace Ambry.Host.Configuration;

/// <summary>
/// One key of a configuration file: its place, what it may hold, and what it means. The file is read by these and
/// docs/configuration.md is written from them, so that neither knows a key that the other does not. Immutable.
/// </summary>
internal abstract class SettingsKey
{
    /// <summary>With a dot between an object and its member.</summary>
    public required string Name { get; init; }

    public required string Type { get; init; }

    /// <summary>As it would stand in the file; null when the key may be left out and then means nothing.</summary>
    public string? Default { get; init; }

    public required string Range { get; init; }

    public required string Meaning { get; init; }

    /// <summary>Reads a value; null, with the fault, when it is not one.</summary>
    public abstract object? Read(JsonElement element, out string fault);
}

/// <summary>A key whose value is a <typeparamref name="T"/>.</summary>
internal sealed class SettingsKey<T> : SettingsKey
    where T : notnull
{
    /// <summary>What a file that does not have the key gets.</summary>
    public T? Absent { get; init; }

    public required SettingsParser<T> Parse { get; init; }

    public override object? Read(JsonElement element, out string fault) =>
        Parse(element, out T? value, out fault) ? value : null;
}

/// <summary>False, and what the value has to be, when it is something else.</summary>
internal delegate bool SettingsParser<T>(JsonElement element, out T? value, out string fault);
