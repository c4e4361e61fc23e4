using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Ambry.Log;

namespace Ambry.Host;

/// <summary>
/// The root account's key pair: from the environment, else from the data folder, else made anew and kept there,
/// readable by the owner alone.
/// </summary>
internal sealed record RootCredentials(string AccessKey, string SecretKey, bool FromEnvironment)
{
    public const string AccessKeyVariable = "AMBRY_ACCESS_KEY";
    public const string SecretKeyVariable = "AMBRY_SECRET_KEY";
    public const string FileName = "credentials.json";

    private const int MaxFileBytes = 4096;
    private const string AccessAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public override string ToString() => $"RootCredentials {{ AccessKey = {AccessKey} }}";

    /// <exception cref="StartupException">Half a pair, a pair too short to be safe, or an unreadable file.</exception>
    public static async Task<RootCredentials> LoadAsync(
        FileDisk disk, Func<string, string?> environment, CancellationToken token)
    {
        string? access = environment(AccessKeyVariable);
        string? secret = environment(SecretKeyVariable);
        if (!string.IsNullOrEmpty(access) || !string.IsNullOrEmpty(secret))
        {
            return FromVariables(access, secret);
        }

        if (await disk.TryReadAllAsync(FileName, MaxFileBytes, token) is { } kept)
        {
            return Read(disk.Name, kept);
        }

        var made = new RootCredentials(
            "AMBRY" + RandomNumberGenerator.GetString(AccessAlphabet, 15),
            RandomNumberGenerator.GetString(SecretAlphabet, 40),
            FromEnvironment: false);
        var output = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("accessKey", made.AccessKey);
            json.WriteString("secretKey", made.SecretKey);
            json.WriteEndObject();
        }

        await disk.WriteSecretAsync(FileName, output.WrittenMemory, token);
        return made;
    }

    private static RootCredentials FromVariables(string? access, string? secret)
    {
        if (string.IsNullOrEmpty(access) || string.IsNullOrEmpty(secret))
        {
            throw new StartupException($"set both {AccessKeyVariable} and {SecretKeyVariable}, or neither.");
        }

        if (!IsSafe(access, secret))
        {
            throw new StartupException(
                $"{AccessKeyVariable} needs at least 3 characters and {SecretKeyVariable} at least 8.");
        }

        return new RootCredentials(access, secret, FromEnvironment: true);
    }

    // Anybody can sign with an empty secret.
    private static bool IsSafe(string? access, string? secret) =>
        access is { Length: >= 3 } && secret is { Length: >= 8 };

    private static RootCredentials Read(string folder, byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            string? access = json.RootElement.GetProperty("accessKey").GetString();
            string? secret = json.RootElement.GetProperty("secretKey").GetString();
            return IsSafe(access, secret)
                ? new RootCredentials(access!, secret!, FromEnvironment: false)
                : throw new InvalidOperationException("a key is missing or too short");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new StartupException(
                $"{folder}/{FileName} cannot be read ({fault.Message}). Restore it, or set {AccessKeyVariable} and "
                + $"{SecretKeyVariable}.",
                fault);
        }
    }
}
