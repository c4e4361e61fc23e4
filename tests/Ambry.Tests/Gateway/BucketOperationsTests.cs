using System.Text;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class BucketOperationsTests : GatewayTest
{
    [Fact]
    public async Task A_bucket_is_created_found_and_deleted()
    {
        var created = await World.SendAsync("PUT", "/new-bucket");
        created.Status.ShouldBe(200, created.ToString());
        created["Location"].ShouldBe("/new-bucket");
        var head = await World.HeadAsync("/new-bucket");
        head.Status.ShouldBe(200);
        head["x-amz-bucket-region"].ShouldBe("us-east-1");
        (await World.SendAsync("DELETE", "/new-bucket")).Status.ShouldBe(204);
        (await World.HeadAsync("/new-bucket")).Status.ShouldBe(404);
        (await World.SendAsync("DELETE", "/new-bucket")).Code.ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task A_bucket_that_exists_is_owned_by_you()
    {
        var answer = await World.CreateBucketAsync();
        answer.Status.ShouldBe(409);
        answer.Code.ShouldBe("BucketAlreadyOwnedByYou");
        answer.Value("BucketName").ShouldBe("bucket");
    }

    [Theory]
    [InlineData("/ab")]
    [InlineData("/UPPER")]
    [InlineData("/192.168.1.1")]
    public async Task A_bad_name_is_refused(string path) =>
        (await World.SendAsync("PUT", path)).Code.ShouldBe("InvalidBucketName");

    [Theory]
    [InlineData("us-east-1", 200)]
    [InlineData("eu-west-1", 400)]
    public async Task The_location_must_be_ours(string location, int status)
    {
        var body = $"""
            <CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <LocationConstraint>{location}</LocationConstraint>
            </CreateBucketConfiguration>
            """;
        var answer = await World.SendAsync("PUT", "/located", body: Encoding.UTF8.GetBytes(body));
        answer.Status.ShouldBe(status, answer.ToString());
    }

    [Theory]
    [InlineData("<Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>")]
    [InlineData("<Location><Name>usw2-az1</Name><Type>AvailabilityZone</Type></Location>")]
    [InlineData("<Bucket><Type>Directory</Type></Bucket>")]
    public async Task A_bucket_of_another_kind_is_not_made(string content)
    {
        var body = $"<CreateBucketConfiguration>{content}</CreateBucketConfiguration>";
        var answer = await World.SendAsync("PUT", "/special", body: Encoding.UTF8.GetBytes(body));
        answer.Code.ShouldBe("NotImplemented");
        (await World.HeadAsync("/special")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_body_that_is_no_xml_is_malformed() =>
        (await World.SendAsync("PUT", "/located", body: "nonsense"u8.ToArray())).Code.ShouldBe("MalformedXML");

    [Fact]
    public async Task A_bucket_with_objects_cannot_be_deleted()
    {
        await World.PutAsync("/bucket/key", "x");
        var answer = await World.SendAsync("DELETE", "/bucket");
        answer.Status.ShouldBe(409);
        answer.Code.ShouldBe("BucketNotEmpty");
    }

    [Fact]
    public async Task The_location_of_the_first_region_is_empty()
    {
        var answer = await World.QueryAsync("/bucket", ("location", ""));
        answer.Status.ShouldBe(200);
        answer.Xml.Name.LocalName.ShouldBe("LocationConstraint");
        answer.Xml.Value.ShouldBeEmpty();
        answer["Content-Type"].ShouldBe("application/xml");
        (await World.QueryAsync("/nowhere", ("location", ""))).Code.ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task Buckets_are_listed_by_name_and_page_by_page()
    {
        await World.SendAsync("PUT", "/aaa");
        await World.SendAsync("PUT", "/zzz");
        var all = await World.SendAsync("GET", "/");
        all.Values("Name").ShouldBe(["aaa", "bucket", "zzz"]);
        all.Values("CreationDate")[0].ShouldBe("2026-11-23T12:00:00.250Z");
        all.Value("ID").ShouldBe(World.Options.OwnerId);
        all.Value("DisplayName").ShouldBe("root");
        var first = await World.QueryAsync("/", ("max-buckets", "2"));
        first.Values("Name").ShouldBe(["aaa", "bucket"]);
        var rest = await World.QueryAsync("/", ("continuation-token", first.Value("ContinuationToken")!));
        rest.Values("Name").ShouldBe(["zzz"]);
        rest.Value("ContinuationToken").ShouldBeNull();
        (await World.QueryAsync("/", ("prefix", "z"))).Values("Name").ShouldBe(["zzz"]);
    }

    [Theory]
    [InlineData("cors", 404, "NoSuchCORSConfiguration")]
    [InlineData("lifecycle", 404, "NoSuchLifecycleConfiguration")]
    [InlineData("encryption", 404, "ServerSideEncryptionConfigurationNotFoundError")]
    public async Task A_configuration_that_nobody_set_is_truthfully_absent(string name, int status, string code)
    {
        var answer = await World.QueryAsync("/bucket", (name, ""));
        answer.Status.ShouldBe(status);
        answer.Code.ShouldBe(code);
        (await World.QueryAsync("/nowhere", (name, ""))).Code.ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task Versioning_that_nobody_set_is_an_empty_document()
    {
        var answer = await World.QueryAsync("/bucket", ("versioning", ""));
        answer.Status.ShouldBe(200);
        answer.Xml.Name.ToString().ShouldBe("{http://s3.amazonaws.com/doc/2006-03-01/}VersioningConfiguration");
        answer.Xml.HasElements.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_not_built_says_so_and_touches_nothing()
    {
        await World.PutAsync("/bucket/key", "hello");
        var answer = await World.SendAsync("PUT", "/bucket/key", [("tagging", "")], body: "<Tagging/>"u8.ToArray());
        answer.Status.ShouldBe(501);
        answer.Code.ShouldBe("NotImplemented");
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("hello");
    }
}
