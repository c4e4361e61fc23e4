using System.Globalization;
using System.Text.Json;

namespace Ambry.Host.Configuration;

/// <summary>Makes keys of the kinds that configuration files have. Pure.</summary>
internal static class SettingsKeys
{
    private const int TextLengthMax = 4096;
    private const int ListLengthMax = 1024;

    public static SettingsKey<string> Text(string name, string? absent, string range, string meaning) => new()
    {
        Name = name,
        Type = "text",
        Default = absent is null ? null : Quote(absent),
        Range = range,
        Meaning = meaning,
        Absent = absent,
        Parse = ReadText,
    };

    public static SettingsKey<ListenAddress> Address(string name, string meaning) => new()
    {
        Name = name,
        Type = "HOST:PORT",
        Range = "an IP address, `localhost` or `*`, and a port",
        Meaning = meaning,
        Parse = ReadAddress,
    };

    public static SettingsKey<int> Number(string name, int? absent, int least, int most, string meaning) => new()
    {
        Name = name,
        Type = "number",
        Default = absent?.ToString(CultureInfo.InvariantCulture),
        Range = $"{least} to {most}",
        Meaning = meaning,
        Absent = absent ?? 0,
        Parse = (JsonElement element, out int value, out string fault) =>
        {
            value = 0;
            fault = $"must be a whole number from {least} to {most}";
            return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out value)
                && value >= least && value <= most;
        },
    };

    public static SettingsKey<bool> Switch(string name, bool absent, string meaning) => new()
    {
        Name = name,
        Type = "true or false",
        Default = absent ? "true" : "false",
        Range = "",
        Meaning = meaning,
        Absent = absent,
        Parse = (JsonElement element, out bool value, out string fault) =>
        {
            value = element.ValueKind == JsonValueKind.True;
            fault = "must be true or false";
            return element.ValueKind is JsonValueKind.True or JsonValueKind.False;
        },
    };

    public static SettingsKey<long> Bytes(
        string name, string absent, string least, string? most, string meaning)
    {
        Quantity.TryParseBytes(absent, out long value);
        Quantity.TryParseBytes(least, out long min);
        long max = most is not null && Quantity.TryParseBytes(most, out long limit) ? limit : long.MaxValue;
        string range = most is null ? $"at least {least}" : $"{least} to {most}";
        return new SettingsKey<long>
        {
            Name = name,
            Type = "bytes",
            Default = Quote(absent),
            Range = range,
            Meaning = meaning,
            Absent = value,
            Parse = (JsonElement element, out long bytes, out string fault) =>
            {
                bytes = 0;
                fault = $"must be a number of bytes such as \"64MiB\", {range}";
                return element.ValueKind == JsonValueKind.String
                    && Quantity.TryParseBytes(element.GetString()!, out bytes) && bytes >= min && bytes <= max;
            },
        };
    }

    public static SettingsKey<TimeSpan> Duration(string name, string absent, string least, string most, string meaning)
    {
        Quantity.TryParseDuration(absent, out TimeSpan value);
        Quantity.TryParseDuration(least, out TimeSpan min);
        Quantity.TryParseDuration(most, out TimeSpan max);
        return new SettingsKey<TimeSpan>
        {
            Name = name,
            Type = "duration",
            Default = Quote(absent),
            Range = $"{least} to {most}",
            Meaning = meaning,
            Absent = value,
            Parse = (JsonElement element, out TimeSpan duration, out string fault) =>
            {
                duration = default;
                fault = $"must be a duration such as \"30s\", {least} to {most}";
                return element.ValueKind == JsonValueKind.String
                    && Quantity.TryParseDuration(element.GetString()!, out duration)
                    && duration >= min && duration <= max;
            },
        };
    }

    public static SettingsKey<T> Word<T>(string name, T absent, string meaning)
        where T : struct, Enum => new()
        {
            Name = name,
            Type = "word",
            Default = Quote(ToWord(absent)),
            Range = Words<T>(),
            Meaning = meaning,
            Absent = absent,
            Parse = (JsonElement element, out T value, out string fault) =>
            {
                fault = $"must be one of {Words<T>()}";
                return TryWord(element, out value);
            },
        };

    public static SettingsKey<IReadOnlyList<T>> WordList<T>(string name, string meaning)
        where T : struct, Enum => new()
        {
            Name = name,
            Type = "list of words",
            Range = Words<T>(),
            Meaning = meaning,
            Absent = [],
            Parse = (JsonElement element, out IReadOnlyList<T>? value, out string fault) =>
            {
                fault = $"must be a list of one or more of {Words<T>()}";
                return TryList(element, TryWord, out value) && value!.Distinct().Count() == value!.Count
                    && value.Count > 0;
            },
        };

    public static SettingsKey<IReadOnlyList<string>> TextList(string name, string range, string meaning) => new()
    {
        Name = name,
        Type = "list of texts",
        Default = "[]",
        Range = range,
        Meaning = meaning,
        Absent = [],
        Parse = (JsonElement element, out IReadOnlyList<string>? value, out string fault) =>
        {
            fault = $"must be a list of at most {ListLengthMax} texts";
            return TryList(element, TryText, out value);
        },
    };

    public static bool TryText(JsonElement element, out string value)
    {
        value = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
        return value.Length is > 0 and <= TextLengthMax;
    }

    /// <summary>A list of which every item is one; the list itself may be empty.</summary>
    public static bool TryList<T>(JsonElement element, TryRead<T> tryRead, out IReadOnlyList<T>? items)
    {
        items = null;
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > ListLengthMax)
        {
            return false;
        }

        var read = new List<T>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (!tryRead(item, out T value))
            {
                return false;
            }

            read.Add(value);
        }

        items = read;
        return true;
    }

    private static bool ReadText(JsonElement element, out string? value, out string fault)
    {
        fault = $"must be a text of 1 to {TextLengthMax} characters";
        return TryText(element, out value);
    }

    private static bool ReadAddress(JsonElement element, out ListenAddress? value, out string fault)
    {
        value = null;
        fault = "must be \"HOST:PORT\"";
        return TryText(element, out string text) && ListenAddress.TryParse(text, out value, out fault);
    }

    private static bool TryWord<T>(JsonElement element, out T value)
        where T : struct, Enum
    {
        value = default;
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        foreach (T known in Enum.GetValues<T>())
        {
            if (element.ValueEquals(ToWord(known)))
            {
                value = known;
                return true;
            }
        }

        return false;
    }

    private static string Words<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(ToWord));

    private static string ToWord<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static string Quote(string text) => $"\"{text}\"";
}

/// <summary>False when the element is something else.</summary>
internal delegate bool TryRead<T>(JsonElement element, out T value);
