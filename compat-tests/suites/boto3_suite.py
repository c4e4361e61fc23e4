"""boto3 against the running store. Prints one "ok" or "not ok" line a check; the runner counts them."""

import hashlib
import io
import os
import random
import traceback
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
BUCKET = f"compat-boto3-{os.getpid()}-{random.randrange(1 << 16)}"
MIB = 1024 * 1024


def client(**settings):
    config = Config(**{"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 2}, **settings})
    return boto3.client("s3", endpoint_url=ENDPOINT, config=config)


s3 = client()
checks = []


def check(function):
    checks.append(function)
    return function


def content(size, seed):
    return random.Random(seed).randbytes(size)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response
    raise AssertionError(f"was expected to fail with {code}")


@check
def create_and_head_bucket():
    s3.create_bucket(Bucket=BUCKET)
    head = s3.head_bucket(Bucket=BUCKET)
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == os.environ["AWS_REGION"]
    assert BUCKET in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] in (None, os.environ["AWS_REGION"])
    refused("NoSuchBucket", s3.list_objects_v2, Bucket=BUCKET + "-not")


@check
def put_get_head_with_everything():
    body = content(100_000, 1)
    put = s3.put_object(
        Bucket=BUCKET, Key="full", Body=body, ContentType="text/x-thing", CacheControl="max-age=5",
        ContentDisposition="attachment", ContentEncoding="identity", ContentLanguage="de",
        Metadata={"shape": "round", "note": "a  b"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=BUCKET, Key="full")
    assert got["Body"].read() == body
    head = s3.head_object(Bucket=BUCKET, Key="full")
    for answer in (got, head):
        assert answer["ContentType"] == "text/x-thing" and answer["CacheControl"] == "max-age=5"
        assert answer["ContentDisposition"] == "attachment" and answer["ContentLanguage"] == "de"
        assert answer["Metadata"] == {"shape": "round", "note": "a  b"}, answer["Metadata"]
        assert answer["ContentLength"] == len(body) and answer["ETag"] == put["ETag"]
        assert answer["AcceptRanges"] == "bytes"


@check
def empty_object_and_folder_key():
    for key in ("empty", "dir/", "dir/sub//x", "a", "a/b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == 0


@check
def odd_keys_are_never_normalised():
    keys = [
        "odd/a//b", "odd/./c", "odd/../d", "odd/%2F", "odd/plus+plus", "odd/space ", "odd/ä", "odd/a\u0308", "odd/日本語",
        "odd/\U0001F600", "odd/\uff5e", "odd/&<>\"'", "odd/tab\there", "odd/=?#", "odd/" + "x" * 1019,
    ]
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    for key in keys:
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode(), key
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix="odd/")["Contents"]]
    assert listed == sorted(keys, key=lambda key: key.encode()), listed
    refused("KeyTooLongError", s3.put_object, Bucket=BUCKET, Key="k" * 1025, Body=b"")


@check
def empty_object_does_not_stall_the_next_request():
    impatient = client(read_timeout=10, retries={"max_attempts": 0})
    for number in range(3):
        impatient.put_object(Bucket=BUCKET, Key="nothing", Body=b"")
        impatient.put_object(Bucket=BUCKET, Key="something", Body=b"x" * (number + 1))
    assert impatient.get_object(Bucket=BUCKET, Key="something")["Body"].read() == b"xxx"


@check
def ranges_and_conditions():
    body = content(50_000, 2)
    tag = s3.put_object(Bucket=BUCKET, Key="range", Body=body)["ETag"]
    for text, wanted in (("bytes=0-0", body[:1]), ("bytes=100-199", body[100:200]), ("bytes=49990-60000", body[49990:]),
                         ("bytes=-10", body[-10:]), ("bytes=0-", body)):
        got = s3.get_object(Bucket=BUCKET, Key="range", Range=text)
        assert got["Body"].read() == wanted and got["ResponseMetadata"]["HTTPStatusCode"] == 206, text
        assert s3.head_object(Bucket=BUCKET, Key="range", Range=text)["ContentLength"] == len(wanted)
    answer = refused("InvalidRange", s3.get_object, Bucket=BUCKET, Key="range", Range="bytes=50000-")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-range"] == "bytes */50000"
    refused("304", s3.get_object, Bucket=BUCKET, Key="range", IfNoneMatch=tag)
    refused("PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="range", IfMatch='"other"')
    assert s3.get_object(Bucket=BUCKET, Key="range", IfMatch=tag)["ContentLength"] == len(body)


@check
def conditional_put_has_one_winner():
    def attempt(number):
        try:
            s3.put_object(Bucket=BUCKET, Key="lock", Body=str(number).encode(), IfNoneMatch="*")
            return number
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"), error
            return None

    with ThreadPoolExecutor(16) as pool:
        winners = [number for number in pool.map(attempt, range(48)) if number is not None]
    assert len(winners) == 1, winners
    assert s3.get_object(Bucket=BUCKET, Key="lock")["Body"].read() == str(winners[0]).encode()
    tag = s3.head_object(Bucket=BUCKET, Key="lock")["ETag"]
    s3.put_object(Bucket=BUCKET, Key="lock", Body=b"next", IfMatch=tag)
    refused("PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="lock", Body=b"late", IfMatch=tag)
    refused("NoSuchKey", s3.put_object, Bucket=BUCKET, Key="no-lock", Body=b"x", IfMatch=tag)


@check
def checksums_are_verified_and_returned():
    body = content(10_000, 3)
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        key = f"sum-{algorithm}"
        put = s3.put_object(Bucket=BUCKET, Key=key, Body=body, ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        assert got["Body"].read() == body
        assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"], algorithm
    refused("BadDigest", s3.put_object, Bucket=BUCKET, Key="bad", Body=body, ChecksumCRC32="AAAAAA==")
    refused("BadDigest", s3.put_object, Bucket=BUCKET, Key="bad", Body=body, ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    refused("404", s3.head_object, Bucket=BUCKET, Key="bad")


@check
def multipart_in_any_order():
    parts = [content(5 * MIB, 10), content(5 * MIB + 1, 11), content(123, 12)]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts", ContentType="x/y", Metadata={"made": "inparts"})["UploadId"]
    tags = {}
    for number in (3, 1, 2):
        tags[number] = s3.upload_part(
            Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=number, Body=parts[number - 1])["ETag"]
    listed = s3.list_parts(Bucket=BUCKET, Key="parts", UploadId=upload)
    assert [part["PartNumber"] for part in listed["Parts"]] == [1, 2, 3]
    assert upload in [item["UploadId"] for item in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]]
    manifest = {"Parts": [{"PartNumber": number, "ETag": tags[number]} for number in (1, 2, 3)]}
    done = s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload=manifest)
    wanted = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert done["ETag"] == f'"{wanted}-3"', done["ETag"]
    again = s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload=manifest)
    assert again["ETag"] == done["ETag"]
    got = s3.get_object(Bucket=BUCKET, Key="parts")
    assert got["Body"].read() == b"".join(parts) and got["Metadata"] == {"made": "inparts"}
    second = s3.get_object(Bucket=BUCKET, Key="parts", PartNumber=2)
    assert second["Body"].read() == parts[1] and second["PartsCount"] == 3
    across = s3.get_object(Bucket=BUCKET, Key="parts", Range=f"bytes={5 * MIB - 5}-{5 * MIB + 4}")
    assert across["Body"].read() == parts[0][-5:] + parts[1][:5]


@check
def multipart_faults():
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="faulty")["UploadId"]
    one = s3.upload_part(Bucket=BUCKET, Key="faulty", UploadId=upload, PartNumber=1, Body=b"small")["ETag"]
    two = s3.upload_part(Bucket=BUCKET, Key="faulty", UploadId=upload, PartNumber=2, Body=b"tiny")["ETag"]

    def complete(*pairs):
        manifest = {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in pairs]}
        return lambda: s3.complete_multipart_upload(Bucket=BUCKET, Key="faulty", UploadId=upload, MultipartUpload=manifest)

    refused("EntityTooSmall", complete((1, one), (2, two)))
    refused("InvalidPartOrder", complete((2, two), (1, one)))
    refused("InvalidPart", complete((1, one), (3, one)))
    refused("InvalidPart", complete((1, two)))
    s3.abort_multipart_upload(Bucket=BUCKET, Key="faulty", UploadId=upload)
    refused("NoSuchUpload", complete((1, one)))
    refused("NoSuchUpload", s3.list_parts, Bucket=BUCKET, Key="faulty", UploadId=upload)
    refused("404", s3.head_object, Bucket=BUCKET, Key="faulty")


@check
def upload_part_copy():
    body = content(12 * MIB, 20)
    s3.put_object(Bucket=BUCKET, Key="source", Body=body)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="assembled")["UploadId"]
    parts = []
    for number, (first, last) in enumerate(((0, 6 * MIB - 1), (6 * MIB, 12 * MIB - 1)), 1):
        copied = s3.upload_part_copy(
            Bucket=BUCKET, Key="assembled", UploadId=upload, PartNumber=number,
            CopySource={"Bucket": BUCKET, "Key": "source"}, CopySourceRange=f"bytes={first}-{last}")
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(Bucket=BUCKET, Key="assembled", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=BUCKET, Key="assembled")["Body"].read() == body


@check
def copies_survive_their_source():
    body = content(9 * MIB, 21)
    s3.put_object(Bucket=BUCKET, Key="copy/source", Body=body, Metadata={"a": "1"}, ContentType="x/source")
    s3.copy_object(Bucket=BUCKET, Key="copy/kept", CopySource={"Bucket": BUCKET, "Key": "copy/source"})
    s3.copy_object(Bucket=BUCKET, Key="copy/again", CopySource={"Bucket": BUCKET, "Key": "copy/kept"},
                   MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="x/new")
    s3.delete_object(Bucket=BUCKET, Key="copy/source")
    kept = s3.get_object(Bucket=BUCKET, Key="copy/kept")
    assert kept["Body"].read() == body and kept["Metadata"] == {"a": "1"} and kept["ContentType"] == "x/source"
    s3.put_object(Bucket=BUCKET, Key="copy/kept", Body=b"overwritten")
    again = s3.get_object(Bucket=BUCKET, Key="copy/again")
    assert again["Body"].read() == body and again["Metadata"] == {"b": "2"} and again["ContentType"] == "x/new"
    refused("InvalidRequest", s3.copy_object, Bucket=BUCKET, Key="copy/again", CopySource={"Bucket": BUCKET, "Key": "copy/again"})
    s3.copy_object(Bucket=BUCKET, Key="copy/again", CopySource={"Bucket": BUCKET, "Key": "copy/again"},
                   MetadataDirective="REPLACE", Metadata={"c": "3"})
    assert s3.get_object(Bucket=BUCKET, Key="copy/again")["Body"].read() == body
    refused("PreconditionFailed", s3.copy_object, Bucket=BUCKET, Key="copy/x",
            CopySource={"Bucket": BUCKET, "Key": "copy/again"}, CopySourceIfMatch='"nothing"')


@check
def listing_pages_agree_with_a_model():
    chance = random.Random(5)
    keys = sorted({"list/" + "/".join(chance.choice(("a", "b", "a-", "ä", "zz")) for _ in range(chance.randrange(1, 5)))
                   + str(chance.randrange(40)) for _ in range(300)}, key=lambda key: key.encode())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"x"), keys))
    for delimiter in ("", "/", "a", "a/", "b/zz"):
        for size in (1, 7, 1000) if delimiter else (7, 1000):
            wanted = []
            for key in keys:
                at = key.find(delimiter, len("list/")) if delimiter else -1
                item = key[:at + len(delimiter)] if at >= 0 else key
                if not wanted or wanted[-1] != item:
                    wanted.append(item)
            for operation in ("list_objects_v2", "list_objects"):
                found = []
                paginator = s3.get_paginator(operation)
                for page in paginator.paginate(Bucket=BUCKET, Prefix="list/", Delimiter=delimiter,
                                               PaginationConfig={"PageSize": size}):
                    page_items = [item["Key"] for item in page.get("Contents", [])]
                    page_items += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
                    assert len(page_items) <= size
                    found += sorted(page_items, key=lambda key: key.encode())
                assert found == wanted, (operation, delimiter, size)
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", MaxKeys=0)["KeyCount"] == 0
    after = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", StartAfter=keys[10], MaxKeys=1)
    assert after["Contents"][0]["Key"] == keys[11]


@check
def delete_many():
    keys = [f"many/{number}" for number in range(60)]
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys + ["many/absent"]]})
    assert len(answer["Deleted"]) == 61 and "Errors" not in answer
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="many/")["KeyCount"] == 0
    quiet = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "many/0"}], "Quiet": True})
    assert "Deleted" not in quiet
    s3.delete_object(Bucket=BUCKET, Key="never-there")


@check
def presigned_urls_of_version_4():
    presigned_urls(client(signature_version="s3v4"))


@check
def presigned_urls_of_version_2():
    presigned_urls(client(signature_version="s3"))


def presigned_urls(s3):
    body = content(2000, 30)
    url = s3.generate_presigned_url("put_object", Params={
        "Bucket": BUCKET, "Key": "signed url+é", "ContentType": "application/octet-stream"})
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": "application/octet-stream"})
    assert urllib.request.urlopen(request).status == 200
    url = s3.generate_presigned_url("get_object", Params={
        "Bucket": BUCKET, "Key": "signed url+é", "ResponseContentType": "text/odd", "ResponseCacheControl": "no-cache"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == body
        assert answer.headers["Content-Type"] == "text/odd" and answer.headers["Cache-Control"] == "no-cache"
    try:
        urllib.request.urlopen(url.replace("odd", "even"))
        raise AssertionError("a tampered URL was served")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"SignatureDoesNotMatch" in error.read()
    try:
        urllib.request.urlopen(f"{ENDPOINT}/{BUCKET}/full")
        raise AssertionError("an anonymous request was served")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"AccessDenied" in error.read()


@check
def transfer_manager_with_many_parts():
    body = content(40 * MIB + 17, 40)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=8)
    s3.upload_fileobj(io.BytesIO(body), BUCKET, "transfer", Config=config)
    target = io.BytesIO()
    s3.download_fileobj(BUCKET, "transfer", target, Config=config)
    assert target.getvalue() == body
    s3.copy({"Bucket": BUCKET, "Key": "transfer"}, BUCKET, "transfer-copy", Config=config)
    target = io.BytesIO()
    s3.download_fileobj(BUCKET, "transfer-copy", target, Config=config)
    assert target.getvalue() == body


@check
def virtual_host_style():
    if urllib.parse.urlparse(ENDPOINT).hostname != "127.0.0.1":
        return
    request = urllib.request.Request(
        client(signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "full"}))
    with urllib.request.urlopen(request) as answer:
        wanted = answer.read()
    port = urllib.parse.urlparse(ENDPOINT).port
    virtual = boto3.client("s3", endpoint_url=f"http://s3.localhost:{port}", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    url = virtual.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "full"})
    parsed = urllib.parse.urlparse(url)
    assert parsed.hostname == f"{BUCKET}.s3.localhost", url
    direct = urllib.request.Request(
        url.replace(parsed.netloc, f"127.0.0.1:{port}"), headers={"Host": parsed.netloc})
    with urllib.request.urlopen(direct) as answer:
        assert answer.read() == wanted


@check
def unbuilt_operations_say_so():
    refused("NotImplemented", s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=BUCKET)
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=BUCKET)
    refused("NotImplemented", s3.put_object_tagging, Bucket=BUCKET, Key="full", Tagging={"TagSet": []})


@check
def delete_bucket_only_when_empty():
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=BUCKET)
    while True:
        page = s3.list_objects_v2(Bucket=BUCKET)
        if not page.get("Contents"):
            break
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": item["Key"]} for item in page["Contents"]]})
    s3.delete_bucket(Bucket=BUCKET)
    refused("404", s3.head_bucket, Bucket=BUCKET)


for function in checks:
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(f"ok {name}", flush=True)
    except Exception:
        print(f"not ok {name}", flush=True)
        for line in traceback.format_exc().strip().splitlines()[-8:]:
            print(f"    {line}", flush=True)
