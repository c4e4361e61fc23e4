using System.Diagnostics.CodeAnalysis;

namespace Ambry.S3.Requests;

/// <summary>One parameter of a query, raw for the signature and decoded for its meaning.</summary>
/// <param name="RawName">As on the wire.</param>
/// <param name="RawValue">As on the wire; empty when there is none.</param>
/// <param name="Name">Decoded once.</param>
/// <param name="Value">Decoded once; empty when there is none.</param>
public readonly record struct S3QueryParameter(string RawName, string RawValue, string Name, string Value);

/// <summary>
/// The parameters of a request target, in order. Names are case-sensitive, as AWS has it. A '+' means a space here,
/// unlike in a path. Immutable.
/// </summary>
public sealed class S3Query
{
    /// <summary>More than any operation takes; bounds what a hostile target costs.</summary>
    public const int ParametersMax = 256;

    public static readonly S3Query Empty = new("", []);

    private readonly S3QueryParameter[] _parameters;

    private S3Query(string raw, S3QueryParameter[] parameters)
    {
        Raw = raw;
        _parameters = parameters;
    }

    /// <summary>As on the wire, without the question mark.</summary>
    public string Raw { get; }

    public IReadOnlyList<S3QueryParameter> Parameters => _parameters;

    /// <summary>The first value of a parameter; empty when it came without one, null when it did not come.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var parameter in _parameters)
            {
                if (string.Equals(parameter.Name, name, StringComparison.Ordinal))
                {
                    return parameter.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Reads what follows the question mark.</summary>
    /// <exception cref="Errors.S3Exception">InvalidURI when it is malformed or has too many parameters.</exception>
    public static S3Query Parse(string raw)
    {
        if (raw.Length == 0)
        {
            return Empty;
        }

        var pieces = raw.Split('&');
        if (pieces.Length > ParametersMax)
        {
            throw new Errors.S3Exception(Errors.S3Errors.InvalidURI);
        }

        var parameters = new List<S3QueryParameter>(pieces.Length);
        foreach (var piece in pieces)
        {
            if (piece.Length > 0)
            {
                parameters.Add(ParseParameter(piece));
            }
        }

        return new S3Query(raw, [.. parameters]);
    }

    /// <summary>Whether a parameter came, with a value or without.</summary>
    public bool Has(string name) => this[name] is not null;

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        value = this[name];
        return value is not null;
    }

    private static S3QueryParameter ParseParameter(string piece)
    {
        var equals = piece.IndexOf('=', StringComparison.Ordinal);
        var rawName = equals < 0 ? piece : piece[..equals];
        var rawValue = equals < 0 ? "" : piece[(equals + 1)..];
        return new S3QueryParameter(
            rawName,
            rawValue,
            PercentEncoding.Decode(rawName, plusIsSpace: true),
            PercentEncoding.Decode(rawValue, plusIsSpace: true));
    }
}
