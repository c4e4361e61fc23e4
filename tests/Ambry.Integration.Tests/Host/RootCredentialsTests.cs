using Ambry.Host;
using Ambry.Log;

namespace Ambry.Integration.Tests.Host;

public sealed class RootCredentialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-keys-").FullName;
    private readonly FileDisk _disk;

    public RootCredentialsTests() => _disk = new FileDisk(_folder);

    private string KeptFile => Path.Combine(_folder, RootCredentials.FileName);

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_pair_is_made_once_and_kept_for_the_owner_alone()
    {
        var made = await LoadAsync();
        made.AccessKey.ShouldMatch("^AMBRY[A-Z2-7]{15}$");
        made.SecretKey.ShouldMatch("^[A-Za-z0-9]{40}$");
        made.FromEnvironment.ShouldBeFalse();
        (await LoadAsync()).ShouldBe(made);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(KeptFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        made.ToString().ShouldNotContain(made.SecretKey);
    }

    [Fact]
    public async Task The_environment_comes_first_and_is_not_kept()
    {
        var made = await LoadAsync();
        var given = await LoadAsync("access", "secret-of-mine");
        given.ShouldBe(new RootCredentials("access", "secret-of-mine", FromEnvironment: true));
        (await LoadAsync()).ShouldBe(made);
    }

    [Theory]
    [InlineData("access", null)]
    [InlineData(null, "secret-of-mine")]
    [InlineData("access", "")]
    [InlineData("ab", "secret-of-mine")]
    [InlineData("access", "short")]
    public async Task Half_a_pair_or_a_short_one_stops_the_start(string? access, string? secret)
    {
        var fault = await Should.ThrowAsync<StartupException>(() => LoadAsync(access, secret));
        fault.Message.ShouldContain(RootCredentials.SecretKeyVariable);
        File.Exists(KeptFile).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"accessKey\": \"a\"}")]
    [InlineData("{\"accessKey\": 1, \"secretKey\": 2}")]
    [InlineData("{\"accessKey\": null, \"secretKey\": null}")]
    [InlineData("{\"accessKey\": \"\", \"secretKey\": \"\"}")]
    public async Task A_file_that_does_not_hold_stops_the_start_and_stays(string content)
    {
        await File.WriteAllTextAsync(KeptFile, content);
        var fault = await Should.ThrowAsync<StartupException>(() => LoadAsync());
        fault.Message.ShouldContain(RootCredentials.FileName);
        fault.Message.ShouldNotContain("\n");
        (await File.ReadAllTextAsync(KeptFile)).ShouldBe(content);
    }

    private Task<RootCredentials> LoadAsync(string? access = null, string? secret = null) => RootCredentials.LoadAsync(
        _disk,
        name => name switch
        {
            RootCredentials.AccessKeyVariable => access,
            RootCredentials.SecretKeyVariable => secret,
            _ => throw new ArgumentException($"Nobody should ask for {name}."),
        },
        CancellationToken.None);
}
