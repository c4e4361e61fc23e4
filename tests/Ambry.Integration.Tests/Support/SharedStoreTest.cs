using System.Globalization;
using System.Text;
using Ambry.Tests.S3.Auth;

namespace Ambry.Integration.Tests.Support;

/// <summary>A test against the shared store, with a bucket of its own and requests that are signed by hand.</summary>
[Collection(AmbryCollection.Name)]
public abstract class SharedStoreTest(AmbryFixture fixture) : IAsyncLifetime
{
    private protected AmbryFixture Fixture { get; } = fixture;

    private protected SignedClient Client { get; } = new(fixture.Ambry);

    private protected string Bucket { get; private set; } = "";

    private protected RequestSigner Signer => Client.SignerAt(TimeProvider.System.GetUtcNow());

    public async Task InitializeAsync() => Bucket = await Fixture.NewBucketAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    private protected Task<RawResponse> PutAsync(
        string key, byte[] body, params (string Name, string Value)[] headers) =>
        Client.SendAsync("PUT", $"/{Bucket}/{key}", headers: headers, body: body);

    private protected Task<RawResponse> GetAsync(string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync("GET", $"/{Bucket}/{key}", headers: headers);

    private protected Task<RawResponse> HeadAsync(string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync("HEAD", $"/{Bucket}/{key}", headers: headers);

    private protected Task<RawResponse> DeleteAsync(string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync("DELETE", $"/{Bucket}/{key}", headers: headers);

    private protected Task<RawResponse> ListAsync(params (string Name, string Value)[] query) =>
        Client.SendAsync("GET", $"/{Bucket}", [("list-type", "2"), .. query]);

    private protected Task<RawResponse> CopyAsync(
        string source, string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync("PUT", $"/{Bucket}/{key}", headers: [("x-amz-copy-source", source), .. headers]);

    /// <summary>The keys of the bucket, each page asked for with the token of the one before.</summary>
    private protected async Task<List<string>> KeysAsync(int pageSize = 1000)
    {
        var keys = new List<string>();
        var token = "";
        do
        {
            (string, string)[] query = [("max-keys", pageSize.ToString(CultureInfo.InvariantCulture))];
            var page = await ListAsync(token.Length == 0 ? query : [.. query, ("continuation-token", token)]);
            page.Status.ShouldBe(200, page.Text);
            keys.AddRange(page.Values("Key"));
            token = page.Element("NextContinuationToken");
            page.Element("IsTruncated").ShouldBe(token.Length > 0 ? "true" : "false");
        }
        while (token.Length > 0);

        return keys;
    }

    private protected async Task<string> CreateUploadAsync(string key, params (string Name, string Value)[] headers)
    {
        var created = await Client.SendAsync("POST", $"/{Bucket}/{key}", [("uploads", "")], headers);
        created.Status.ShouldBe(200, created.Text);
        return created.Element("UploadId");
    }

    private protected Task<RawResponse> PutPartAsync(
        string key, string uploadId, int number, byte[] body, params (string Name, string Value)[] headers) =>
        Client.SendAsync("PUT", $"/{Bucket}/{key}", Part(uploadId, number), headers, body);

    private protected Task<RawResponse> CompleteAsync(
        string key, string uploadId, string document, params (string Name, string Value)[] headers) => Client.SendAsync(
            "POST", $"/{Bucket}/{key}", [("uploadId", uploadId)], headers, Encoding.UTF8.GetBytes(document));

    private protected Task<RawResponse> AbortAsync(string key, string uploadId) =>
        Client.SendAsync("DELETE", $"/{Bucket}/{key}", [("uploadId", uploadId)]);

    private protected static (string Name, string Value)[] Part(string uploadId, int number) =>
        [("partNumber", number.ToString(CultureInfo.InvariantCulture)), ("uploadId", uploadId)];

    /// <summary>A Complete; what comes after a tag are further elements, such as a checksum.</summary>
    private protected static string Document(params (int Number, string ETag, string More)[] parts) =>
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        + string.Concat(parts.Select(part =>
            $"<Part><PartNumber>{part.Number}</PartNumber><ETag>{part.ETag}</ETag>{part.More}</Part>"))
        + "</CompleteMultipartUpload>";

    /// <summary>An object of these parts, by the numbers 1, 2, ….</summary>
    private protected async Task<RawResponse> PutMultipartAsync(string key, params byte[][] parts)
    {
        var uploadId = await CreateUploadAsync(key);
        var named = new List<(int, string, string)>();
        foreach (var part in parts)
        {
            var put = await PutPartAsync(key, uploadId, named.Count + 1, part);
            put.Status.ShouldBe(200, put.Text);
            named.Add((named.Count + 1, put["ETag"]!, ""));
        }

        var completed = await CompleteAsync(key, uploadId, Document([.. named]));
        completed.Status.ShouldBe(200, completed.Text);
        return completed;
    }

    /// <summary>The error as documents have it: status, code, ids, and the type of the answer.</summary>
    private protected static void ShouldBeError(RawResponse response, int status, string code)
    {
        response.Status.ShouldBe(status, response.Text);
        response.Code.ShouldBe(code, response.Text);
        response["Content-Type"].ShouldBe("application/xml");
        response.Element("RequestId").ShouldBe(response["x-amz-request-id"]);
        response.Element("HostId").ShouldBe(response["x-amz-id-2"]);
    }
}
