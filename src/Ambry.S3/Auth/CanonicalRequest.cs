using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>The text that a signature is over, in UTF-8. Immutable.</summary>
internal sealed class CanonicalRequest
{
    private readonly ArrayBufferWriter<byte> _text;

    public CanonicalRequest(S3Request request, SignedRequest signed)
    {
        _text = new ArrayBufferWriter<byte>(1_024);
        var target = request.PathAndQuery.AsSpan();
        var question = target.IndexOf('?');
        Write(request.Method);
        Write("\n");
        CanonicalUri.WritePath(_text, question < 0 ? target : target[..question]);
        Write("\n");
        CanonicalUri.WriteQuery(_text, question < 0 ? [] : target[(question + 1)..]);
        Write("\n");
        foreach (var name in signed.SignedHeaders)
        {
            WriteHeader(request, name);
        }

        Write("\n");
        Write(signed.SignedHeaderList);
        Write("\n");
        Write(signed.PayloadHash);
    }

    public string HashHex => Convert.ToHexStringLower(SHA256.HashData(_text.WrittenSpan));

    public override string ToString() => Encoding.UTF8.GetString(_text.WrittenSpan);

    // A header that was signed but did not arrive counts as empty: proxies drop empty headers.
    private void WriteHeader(S3Request request, string name)
    {
        Write(name.ToLowerInvariant());
        Write(":");
        if (string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
        {
            WriteCollapsed(request.Host);
        }
        else
        {
            var isFirst = true;
            foreach (var field in request.Headers.Fields)
            {
                if (string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase))
                {
                    Write(isFirst ? "" : ",");
                    WriteCollapsed(field.Value);
                    isFirst = false;
                }
            }
        }

        Write("\n");
    }

    // Trimmed, and each run of spaces as one.
    private void WriteCollapsed(ReadOnlySpan<char> value)
    {
        value = value.Trim(" \t");
        while (true)
        {
            var run = value.IndexOf("  ");
            if (run < 0)
            {
                Write(value);
                return;
            }

            Write(value[..(run + 1)]);
            value = value[run..].TrimStart(' ');
        }
    }

    private void Write(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _text);
}
