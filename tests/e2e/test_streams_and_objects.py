"""S3, Kinesis and Firehose at the wire: what boto3, the aws CLI and plain HTTP see of them."""
import base64
import binascii
import datetime
import gzip
import hashlib
import http.client
import io
import json
import os
import stat
import unittest
import urllib.parse
import zipfile

from botocore.exceptions import ClientError

import beer
from beer import eventually

engine = None
MIB = 1 << 20
MAX_HASH = (1 << 128) - 1
def setUpModule():
    global engine
    engine = beer.Engine("--speed", "60", "--no-deploy").__enter__()


def tearDownModule():
    engine.__exit__()


class Wire(unittest.TestCase):
    """What all of these share."""

    def refused(self, code, call, *arguments, status=None, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **parameters)
        answer = caught.exception.response
        self.assertEqual(answer["Error"]["Code"], code, answer)
        if status:
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status, answer)
        return answer


def client(service, **config):
    """A client of the engine, with settings of botocore's Config."""
    made = engine.client(service)
    if not config:
        return made
    import boto3
    from botocore.config import Config
    return boto3.session.Session().client(
        service, endpoint_url=config.pop("endpoint_url", engine.url), region_name="us-east-1",
        aws_access_key_id=engine.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=engine.variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 1}, **config))


def request(url, method="GET", body=None, headers=None):
    """Plain HTTP; gives (status, headers, body) whatever the status is."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
    finally:
        connection.close()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return (value ^ 0xFFFFFFFF).to_bytes(4, "big")


def text64(data):
    return base64.b64encode(data).decode()


class Buckets(Wire):
    def setUp(self):
        self.s3 = client("s3")

    def test_a_bucket_is_made_found_listed_and_removed(self):
        made = self.s3.create_bucket(Bucket="first-bucket")
        self.assertEqual(made["Location"], "/first-bucket")
        self.assertEqual(self.s3.head_bucket(Bucket="first-bucket")["BucketRegion"], "us-east-1")
        self.assertIsNone(self.s3.get_bucket_location(Bucket="first-bucket")["LocationConstraint"])
        listed = self.s3.list_buckets()
        self.assertIn("first-bucket", [b["Name"] for b in listed["Buckets"]])
        self.assertTrue(listed["Owner"]["ID"])
        self.assertEqual([b["Name"] for b in self.s3.list_buckets(Prefix="first-b")["Buckets"]], ["first-bucket"])
        answer = self.s3.delete_bucket(Bucket="first-bucket")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.refused("404", self.s3.head_bucket, Bucket="first-bucket", status=404)

    def test_a_bucket_made_again_in_us_east_1_is_the_same_bucket(self):
        self.s3.create_bucket(Bucket="twice-made")
        self.s3.create_bucket(Bucket="twice-made")

    def test_a_bucket_that_holds_something_stays(self):
        self.s3.create_bucket(Bucket="full-bucket")
        self.s3.put_object(Bucket="full-bucket", Key="k", Body=b"")
        self.refused("BucketNotEmpty", self.s3.delete_bucket, Bucket="full-bucket", status=409)

    def test_a_missing_bucket_and_a_bad_name_have_their_codes(self):
        for call in (self.s3.list_objects_v2, self.s3.list_objects, self.s3.delete_bucket,
                     self.s3.get_bucket_location, self.s3.list_multipart_uploads):
            with self.subTest(call.__name__):
                self.refused("NoSuchBucket", call, Bucket="there-is-none", status=404)
        self.refused("NoSuchBucket", self.s3.put_object, Bucket="there-is-none", Key="k", Body=b"x", status=404)
        self.refused("NoSuchBucket", self.s3.get_object, Bucket="there-is-none", Key="k", status=404)
        self.refused("InvalidBucketName", self.s3.create_bucket, Bucket="Upper_Case", status=400)


class Objects(Wire):
    @classmethod
    def setUpClass(cls):
        cls.s3 = client("s3")
        cls.s3.create_bucket(Bucket="objects")

    def put(self, key, body=b"0123456789", **more):
        return self.s3.put_object(Bucket="objects", Key=key, Body=body, **more)

    def get(self, key, **more):
        return self.s3.get_object(Bucket="objects", Key=key, **more)

    def body(self, key, **more):
        return self.get(key, **more)["Body"].read()

    def test_every_header_that_goes_in_comes_out(self):
        when = datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        sent = {"ContentType": "text/x-beer; charset=utf-8", "ContentEncoding": "identity", "ContentLanguage": "pt-BR",
                "ContentDisposition": 'attachment; filename="a b.txt"', "CacheControl": "max-age=5",
                "Metadata": {"one": "1", "two-words": "a  b, c"}}
        put = self.put("headers", b"abc", Expires=when, **sent)
        self.assertEqual(put["ETag"], '"900150983cd24fb0d6963f7d28e17f72"')
        for answer in (self.get("headers"), self.s3.head_object(Bucket="objects", Key="headers")):
            for name, value in sent.items():
                self.assertEqual(answer[name], value)
            self.assertEqual(answer["ETag"], put["ETag"])
            self.assertEqual(answer["ContentLength"], 3)
            self.assertEqual(answer["AcceptRanges"], "bytes")
            self.assertEqual(answer["ExpiresString"], "Wed, 02 Jan 2030 03:04:05 GMT")
        self.put("plain", b"")
        self.assertEqual(self.get("plain")["ContentType"], "binary/octet-stream")
        self.assertEqual(self.get("plain")["ETag"], '"d41d8cd98f00b204e9800998ecf8427e"')

    def test_a_get_may_ask_for_other_headers(self):
        self.put("other", b"{}")
        got = self.get("other", ResponseContentType="application/json", ResponseContentDisposition="inline",
                       ResponseCacheControl="no-cache", ResponseContentLanguage="en", ResponseContentEncoding="x")
        self.assertEqual((got["ContentType"], got["ContentDisposition"], got["CacheControl"], got["ContentLanguage"],
                          got["ContentEncoding"]), ("application/json", "inline", "no-cache", "en", "x"))

    def test_ranges_give_their_bytes(self):
        self.put("ranges")
        for asked, body, told in (("bytes=2-4", b"234", "bytes 2-4/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
                                  ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=5-99", b"56789", "bytes 5-9/10"),
                                  ("bytes=-99", b"0123456789", "bytes 0-9/10"), ("bytes=0-0", b"0", "bytes 0-0/10")):
            with self.subTest(asked):
                got = self.get("ranges", Range=asked)
                self.assertEqual(got["ResponseMetadata"]["HTTPStatusCode"], 206)
                self.assertEqual(got["ContentRange"], told)
                self.assertEqual(got["Body"].read(), body)
        head = self.s3.head_object(Bucket="objects", Key="ranges", Range="bytes=2-4")
        self.assertEqual(head["ContentLength"], 3)

    def test_a_range_beyond_the_end_is_refused_and_nonsense_is_ignored(self):
        self.put("range-errors")
        for asked in ("bytes=10-", "bytes=99-100", "bytes=-0"):
            with self.subTest(asked):
                self.refused("InvalidRange", self.get, "range-errors", Range=asked, status=416)
        for asked in ("bytes=4-2", "lines=1-2", "bytes=x"):
            with self.subTest(asked):
                got = self.get("range-errors", Range=asked)
                self.assertEqual(got["ResponseMetadata"]["HTTPStatusCode"], 200)
                self.assertEqual(got["ContentLength"], 10)
        self.put("empty", b"")
        self.refused("InvalidRange", self.get, "empty", Range="bytes=0-", status=416)

    def test_conditions_of_a_read_hold(self):
        tag = self.put("conditions")["ETag"]
        now = self.get("conditions")["LastModified"]
        day = datetime.timedelta(days=1)
        self.assertEqual(self.body("conditions", IfMatch=tag), b"0123456789")
        self.refused("PreconditionFailed", self.get, "conditions", IfMatch='"other"', status=412)
        self.refused("304", self.get, "conditions", IfNoneMatch=tag, status=304)
        self.refused("304", self.get, "conditions", IfModifiedSince=now, status=304)
        self.refused("PreconditionFailed", self.get, "conditions", IfUnmodifiedSince=now - day, status=412)
        # RFC 9110: the entity tag's condition wins over the date's.
        self.assertEqual(self.body("conditions", IfMatch=tag, IfUnmodifiedSince=now - day), b"0123456789")
        self.assertEqual(self.body("conditions", IfNoneMatch='"x"', IfModifiedSince=now), b"0123456789")

    def test_conditions_of_a_write_hold(self):
        tag = self.put("only-once", IfNoneMatch="*")["ETag"]
        self.refused("PreconditionFailed", self.put, "only-once", IfNoneMatch="*", status=412)
        self.refused("PreconditionFailed", self.put, "only-once", IfMatch='"0"', status=412)
        self.refused("NoSuchKey", self.put, "never-was", IfMatch=tag, status=404)
        self.put("only-once", b"next", IfMatch=tag)
        self.assertEqual(self.body("only-once"), b"next")

    def test_what_is_not_there_has_its_code(self):
        self.refused("NoSuchKey", self.get, "nothing", status=404)
        self.refused("404", self.s3.head_object, Bucket="objects", Key="nothing", status=404)
        self.assertEqual(self.s3.delete_object(Bucket="objects", Key="nothing")["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.refused("NoSuchKey", self.s3.copy_object, Bucket="objects", Key="x", CopySource="objects/nothing", status=404)

    def test_keys_of_every_kind_are_objects_of_their_own(self):
        keys = ["a", "a/b", "a/b/", "a//b", "../up", "a/../b", "./c", ".hidden", "_under", "sp ace", "plus+and&more=?#%25",
                "ü/ñ/日本語", "a\tb", "quote\"'<>", "-", "~", "k" * 1024, "/leading", "con", "trail.", "*"]
        for key in keys:
            self.put(key, key.encode())
        for key in keys:
            with self.subTest(key[:20]):
                self.assertEqual(self.body(key), key.encode())
        listed = self.s3.list_objects_v2(Bucket="objects")
        found = [item["Key"] for item in listed["Contents"]]
        self.assertLessEqual(set(keys), set(found))
        self.assertEqual(found, sorted(found, key=lambda key: key.encode()))
        self.refused("KeyTooLongError", self.put, "k" * 1025, status=400)

    def test_many_are_deleted_at_once(self):
        keys = [f"gone/{n} & <{n}>" for n in range(20)]
        for key in keys:
            self.put(key, b"")
        answer = self.s3.delete_objects(Bucket="objects", Delete={
            "Objects": [{"Key": key} for key in keys] + [{"Key": "gone/never"}]})
        self.assertEqual([d["Key"] for d in answer["Deleted"]], keys + ["gone/never"])
        self.assertNotIn("Errors", answer)
        self.assertEqual(self.s3.list_objects_v2(Bucket="objects", Prefix="gone/")["KeyCount"], 0)
        self.put("gone/quiet", b"")
        quiet = self.s3.delete_objects(Bucket="objects", Delete={"Objects": [{"Key": "gone/quiet"}], "Quiet": True})
        self.assertNotIn("Deleted", quiet)
        self.refused("MalformedXML", self.s3.delete_objects, Bucket="objects",
                     Delete={"Objects": [{"Key": str(n)} for n in range(1001)]}, status=400)
        self.refused("MalformedXML", self.s3.delete_objects, Bucket="objects", Delete={"Objects": []}, status=400)

    def test_a_copy_keeps_or_replaces_metadata(self):
        self.put("source ü+", b"copied", Metadata={"who": "ana"}, ContentType="text/plain")
        same = self.s3.copy_object(Bucket="objects", Key="copy", CopySource={"Bucket": "objects", "Key": "source ü+"})
        self.assertEqual(same["CopyObjectResult"]["ETag"], self.get("source ü+")["ETag"])
        self.assertIsInstance(same["CopyObjectResult"]["LastModified"], datetime.datetime)
        got = self.get("copy")
        self.assertEqual((got["Body"].read(), got["Metadata"], got["ContentType"]), (b"copied", {"who": "ana"}, "text/plain"))
        self.s3.copy_object(Bucket="objects", Key="copy", CopySource="objects/copy", MetadataDirective="REPLACE",
                            Metadata={"new": "one"}, ContentType="text/html")
        got = self.get("copy")
        self.assertEqual((got["Body"].read(), got["Metadata"], got["ContentType"]), (b"copied", {"new": "one"}, "text/html"))
        self.refused("InvalidRequest", self.s3.copy_object, Bucket="objects", Key="copy", CopySource="objects/copy", status=400)
        self.refused("PreconditionFailed", self.s3.copy_object, Bucket="objects", Key="c", CopySource="objects/copy",
                     CopySourceIfMatch='"x"', status=412)
        self.refused("PreconditionFailed", self.s3.copy_object, Bucket="objects", Key="c", CopySource="objects/copy",
                     CopySourceIfNoneMatch=got["ETag"], status=412)
        self.refused("NoSuchBucket", self.s3.copy_object, Bucket="objects", Key="c", CopySource="no-such-one/k", status=404)

    def test_checksums_are_checked_kept_and_told(self):
        body = b"checksum me" * 100
        values = {"CRC32": text64(binascii.crc32(body).to_bytes(4, "big")), "CRC32C": text64(crc32c(body)),
                  "SHA1": text64(hashlib.sha1(body).digest()), "SHA256": text64(hashlib.sha256(body).digest())}
        for name, value in values.items():
            with self.subTest(name):
                put = self.put("sum-" + name, body, **{"Checksum" + name: value})
                self.assertEqual(put["Checksum" + name], value)
                self.assertEqual(put["ChecksumType"], "FULL_OBJECT")
                head = self.s3.head_object(Bucket="objects", Key="sum-" + name, ChecksumMode="ENABLED")
                self.assertEqual(head["Checksum" + name], value)
                told = self.s3.get_object_attributes(Bucket="objects", Key="sum-" + name,
                                                     ObjectAttributes=["Checksum", "ObjectSize", "ETag"])
                self.assertEqual(told["Checksum"]["Checksum" + name], value)
                self.assertEqual(told["ObjectSize"], len(body))
                self.assertEqual(told["ETag"], hashlib.md5(body).hexdigest())
                wrong = text64(bytes(len(base64.b64decode(value))))
                self.refused("BadDigest", self.put, "bad", body, status=400, **{"Checksum" + name: wrong})
                self.assertNotIn("Checksum" + name, self.s3.head_object(Bucket="objects", Key="sum-" + name))
        for name in ("CRC32", "SHA256", "SHA1"):  # computed by the client, sent as a trailer
            put = self.put("trailer-" + name, body, ChecksumAlgorithm=name)
            self.assertEqual(put["Checksum" + name], values[name])
        listed = self.s3.list_objects_v2(Bucket="objects", Prefix="sum-SHA256")["Contents"][0]
        self.assertEqual((listed["ChecksumAlgorithm"], listed["ChecksumType"]), (["SHA256"], "FULL_OBJECT"))
        self.refused("NoSuchKey", self.get, "bad")

    def test_a_body_of_another_md5_is_refused(self):
        self.refused("BadDigest", self.put, "md5", b"a", ContentMD5=text64(hashlib.md5(b"b").digest()), status=400)
        self.refused("InvalidDigest", self.put, "md5", b"a", ContentMD5="nonsense", status=400)
        self.put("md5", b"a", ContentMD5=text64(hashlib.md5(b"a").digest()))

    def test_metadata_has_a_limit(self):
        self.put("meta", Metadata={"m": "x" * 2000})
        self.refused("MetadataTooLarge", self.put, "meta", Metadata={"m": "x" * 2050}, status=400)

    def test_a_storage_class_is_kept_and_an_unknown_one_refused(self):
        self.put("cold", StorageClass="GLACIER_IR")
        self.assertEqual(self.s3.head_object(Bucket="objects", Key="cold")["StorageClass"], "GLACIER_IR")
        self.assertNotIn("StorageClass", self.put("warm") and self.s3.head_object(Bucket="objects", Key="warm"))
        self.refused("InvalidStorageClass", self.put, "cold", StorageClass="ATTIC", status=400)

    def test_another_owner_than_expected_is_refused(self):
        self.put("owned", ExpectedBucketOwner="123456789012")
        self.refused("AccessDenied", self.put, "owned", ExpectedBucketOwner="999999999999", status=403)
        self.refused("AccessDenied", self.s3.copy_object, Bucket="objects", Key="c", CopySource="objects/owned",
                     ExpectedSourceBucketOwner="999999999999", status=403)

    def test_tags_come_with_an_object(self):
        self.put("tagged", Tagging="a=1&b=x%20y")
        self.assertEqual(self.s3.get_object_tagging(Bucket="objects", Key="tagged")["TagSet"],
                         [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}])
        self.assertEqual(self.get("tagged")["TagCount"], 2)
        self.s3.put_object_tagging(Bucket="objects", Key="tagged", Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
        self.assertEqual(self.s3.get_object_tagging(Bucket="objects", Key="tagged")["TagSet"], [{"Key": "c", "Value": ""}])
        self.s3.delete_object_tagging(Bucket="objects", Key="tagged")
        self.assertEqual(self.s3.get_object_tagging(Bucket="objects", Key="tagged")["TagSet"], [])

    def test_a_file_like_body_without_a_length_known_streams(self):
        body = os.urandom(3 * MIB + 7)
        self.s3.upload_fileobj(io.BytesIO(body), "objects", "streamed")
        into = io.BytesIO()
        self.s3.download_fileobj("objects", "streamed", into)
        self.assertEqual(into.getvalue(), body)


class Signed(Wire):
    """Presigned addresses and virtual hosts."""

    @classmethod
    def setUpClass(cls):
        cls.s3 = client("s3")
        cls.s3.create_bucket(Bucket="signed")
        cls.s3.put_object(Bucket="signed", Key="a b/ü", Body=b"0123456789")

    def url(self, operation="get_object", expires=60, s3=None, **parameters):
        return (s3 or self.s3).generate_presigned_url(
            operation, Params={"Bucket": "signed", "Key": "a b/ü", **parameters}, ExpiresIn=expires)

    def test_a_presigned_get_gives_the_object(self):
        self.assertEqual(request(self.url())[2], b"0123456789")
        status, headers, body = request(self.url(), headers={"Range": "bytes=1-3"})
        self.assertEqual((status, headers["content-range"], body), (206, "bytes 1-3/10", b"123"))
        status, headers, _ = request(self.url(ResponseContentType="text/x", ResponseContentDisposition="inline"))
        self.assertEqual((status, headers["content-type"], headers["content-disposition"]), (200, "text/x", "inline"))
        status, headers, body = request(self.url("head_object"), "HEAD")
        self.assertEqual((status, headers["content-length"], body), (200, "10", b""))

    def test_a_presigned_put_takes_a_body(self):
        for s3 in (self.s3, client("s3", signature_version="s3v4")):
            status, headers, body = request(self.url("put_object", s3=s3, Key="put"), "PUT", b"presigned")
            self.assertEqual(status, 200, body)
            self.assertEqual(headers["etag"], '"' + hashlib.md5(b"presigned").hexdigest() + '"')
            self.assertEqual(self.s3.get_object(Bucket="signed", Key="put")["Body"].read(), b"presigned")
        url = self.url("put_object", s3=client("s3", signature_version="s3v4"), Key="typed", ContentType="text/csv", Metadata={"a": "b"})
        self.assertEqual(request(url, "PUT", b"x", {"Content-Type": "text/csv", "x-amz-meta-a": "b"})[0], 200)
        self.assertEqual(request(url, "PUT", b"x", {"Content-Type": "text/plain", "x-amz-meta-a": "b"})[0], 403)
        self.assertEqual(self.s3.head_object(Bucket="signed", Key="typed")["Metadata"], {"a": "b"})

    def test_a_presigned_address_lists_a_bucket_and_deletes_an_object(self):
        self.s3.put_object(Bucket="signed", Key="to-go", Body=b"")
        for s3 in (self.s3, client("s3", signature_version="s3v4")):
            for operation in ("list_objects", "list_objects_v2", "get_bucket_location"):
                status, _, body = request(s3.generate_presigned_url(operation, Params={"Bucket": "signed"}))
                self.assertEqual(status, 200, body)
        url = self.s3.generate_presigned_url("delete_object", Params={"Bucket": "signed", "Key": "to-go"})
        self.assertEqual(request(url, "DELETE")[0], 204)
        self.refused("NoSuchKey", self.s3.get_object, Bucket="signed", Key="to-go")

    def test_a_changed_or_expired_address_is_refused(self):
        s3 = client("s3", signature_version="s3v4")
        status, _, body = request(self.url(s3=s3).replace("a%20b", "a%20c"))
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>SignatureDoesNotMatch</Code>", body)
        status, _, body = request(self.url(s3=s3, expires=0))
        self.assertEqual(status, 403, body)
        self.assertIn(b"<Code>AccessDenied</Code>", body)
        self.assertIn(b"Request has expired", body)
        self.assertEqual(request(self.url(s3=s3), "PUT", b"")[0], 403)

    def test_an_error_is_the_services_xml(self):
        status, headers, body = request(self.url(Key="none"))
        self.assertEqual((status, headers["content-type"]), (404, "application/xml"))
        self.assertIn(b"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>none</Key>", body)
        self.assertIn(headers["x-amz-request-id"].encode(), body)

    def test_a_bucket_may_stand_in_the_hosts_name(self):
        port = urllib.parse.urlsplit(engine.url).port
        s3 = client("s3", endpoint_url=f"http://localhost:{port}", s3={"addressing_style": "virtual"})
        hosts = []
        s3.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url))
        self.send_to_loopback(s3)
        s3.put_object(Bucket="signed", Key="virtual/ü +", Body=b"hosted")
        self.assertEqual(s3.get_object(Bucket="signed", Key="virtual/ü +")["Body"].read(), b"hosted")
        self.assertEqual(self.s3.get_object(Bucket="signed", Key="virtual/ü +")["Body"].read(), b"hosted")
        listed = s3.list_objects_v2(Bucket="signed", Prefix="virtual/")
        self.assertEqual([item["Key"] for item in listed["Contents"]], ["virtual/ü +"])
        s3.create_bucket(Bucket="virtual-made")
        self.assertIn("virtual-made", [b["Name"] for b in s3.list_buckets()["Buckets"]])
        s3.delete_bucket(Bucket="virtual-made")
        self.assertTrue(any(f"signed.localhost:{port}" in url for url in hosts), hosts)
        url = urllib.parse.urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "virtual/ü +"}))
        self.assertEqual(url.netloc, f"signed.localhost:{port}")
        answer = request(f"{engine.url}{url.path}?{url.query}", headers={"Host": url.netloc})
        self.assertEqual((answer[0], answer[2]), (200, b"hosted"))

    @staticmethod
    def send_to_loopback(s3):
        """Names below localhost need no resolver: the connection goes to the engine, the Host header stays."""
        def pinned(request, **_):
            parts = urllib.parse.urlsplit(request.url)
            request.headers["Host"] = parts.netloc
            request.url = engine.url + parts.path + ("?" + parts.query if parts.query else "")
        s3.meta.events.register_last("before-send.s3", pinned)


class Listings(Wire):
    KEYS = ["a/1", "a/2", "a/b/3", "b", "c d", "e+f&<g>", "ü/x"] + [f"n/{n:02}" for n in range(10)]

    @classmethod
    def setUpClass(cls):
        cls.s3 = client("s3")
        cls.s3.create_bucket(Bucket="listings")
        cls.s3.create_bucket(Bucket="bare")
        for key in cls.KEYS:
            cls.s3.put_object(Bucket="listings", Key=key, Body=key.encode())
        cls.keys = sorted(cls.KEYS, key=str.encode)

    def list(self, version=2, **parameters):
        call = self.s3.list_objects_v2 if version == 2 else self.s3.list_objects
        return call(Bucket="listings", **parameters)

    @staticmethod
    def names(page):
        return [item["Key"] for item in page.get("Contents", [])], [p["Prefix"] for p in page.get("CommonPrefixes", [])]

    def test_an_entry_tells_of_its_object(self):
        item = self.list(Prefix="a/1", FetchOwner=True)["Contents"][0]
        self.assertEqual((item["Size"], item["ETag"], item["StorageClass"]),
                         (3, '"' + hashlib.md5(b"a/1").hexdigest() + '"', "STANDARD"))
        self.assertTrue(item["Owner"]["ID"])
        self.assertNotIn("Owner", self.list(Prefix="a/1")["Contents"][0])
        self.assertIn("Owner", self.list(1, Prefix="a/1")["Contents"][0])

    def test_pages_of_both_versions_give_every_key_once(self):
        for name in ("list_objects", "list_objects_v2"):
            for size in (1, 3, 17, 1000):
                pages = self.s3.get_paginator(name).paginate(Bucket="listings", PaginationConfig={"PageSize": size})
                found = [item["Key"] for page in pages for item in page["Contents"]]
                with self.subTest(name, size=size):
                    self.assertEqual(found, self.keys)

    def test_pages_of_keys_and_prefixes_give_each_once(self):
        for name in ("list_objects", "list_objects_v2"):
            for size in (1, 2, 3):
                keys, prefixes = [], []
                for page in self.s3.get_paginator(name).paginate(Bucket="listings", Delimiter="/",
                                                                 PaginationConfig={"PageSize": size}):
                    more = self.names(page)
                    self.assertLessEqual(len(more[0]) + len(more[1]), size)
                    keys += more[0]
                    prefixes += more[1]
                with self.subTest(name, size=size):
                    self.assertEqual(keys, ["b", "c d", "e+f&<g>"])
                    self.assertEqual(prefixes, ["a/", "n/", "ü/"])

    def test_a_page_counts_and_says_whether_there_is_more(self):
        page = self.list(MaxKeys=5)
        self.assertEqual((page["KeyCount"], page["MaxKeys"], page["IsTruncated"], page["Name"], page["Prefix"]),
                         (5, 5, True, "listings", ""))
        self.assertIn("NextContinuationToken", page)
        more = self.list(ContinuationToken=page["NextContinuationToken"])
        self.assertEqual((more["KeyCount"], more["IsTruncated"]), (len(self.KEYS) - 5, False))
        self.assertEqual(more["ContinuationToken"], page["NextContinuationToken"])
        self.assertNotIn("NextContinuationToken", more)
        whole = self.list(MaxKeys=len(self.KEYS))
        self.assertFalse(whole["IsTruncated"])
        self.assertEqual(self.list(MaxKeys=5000)["MaxKeys"], 1000)
        none = self.list(MaxKeys=0)
        self.assertEqual((none["KeyCount"], none["IsTruncated"]), (0, False))
        self.refused("InvalidArgument", self.list, MaxKeys=-1, status=400)
        self.refused("InvalidArgument", self.list, ContinuationToken="nonsense", status=400)

    def test_a_listing_starts_after_a_key(self):
        page = self.list(StartAfter="n/07")
        self.assertEqual(self.names(page)[0], ["n/08", "n/09", "ü/x"])
        self.assertEqual(page["StartAfter"], "n/07")
        page = self.list(1, Marker="n/07", MaxKeys=1)
        self.assertEqual((self.names(page)[0], page["Marker"], page["IsTruncated"]), (["n/08"], "n/07", True))
        self.assertNotIn("NextMarker", page)  # only with a delimiter
        self.assertEqual(self.list(1, Delimiter="/", MaxKeys=1)["NextMarker"], "a/")
        self.assertEqual(self.names(self.list(1, Delimiter="/", Marker="a/"))[1], ["n/", "ü/"])

    def test_prefix_and_delimiter_make_folders(self):
        self.assertEqual(self.names(self.list(Prefix="a/", Delimiter="/")), (["a/1", "a/2"], ["a/b/"]))
        self.assertEqual(self.names(self.list(Prefix="a", Delimiter="/")), ([], ["a/"]))
        self.assertEqual(self.names(self.list(Delimiter="/1")), (
            [k for k in self.keys if "/1" not in k], ["a/1"]))
        self.assertEqual(self.names(self.list(Prefix="zz")), ([], []))
        self.assertEqual(self.s3.list_objects_v2(Bucket="bare")["KeyCount"], 0)

    def test_names_are_encoded_when_asked(self):
        # botocore asks for url encoding and undoes it unless the caller asks by name.
        page = self.list(EncodingType="url", Prefix="e+")
        self.assertEqual((page["EncodingType"], page["Prefix"], self.names(page)[0]),
                         ("url", "e%2B", ["e%2Bf%26%3Cg%3E"]))
        self.assertEqual(self.names(self.list(EncodingType="url", Prefix="c"))[0], ["c+d"])
        self.assertEqual(self.names(self.list(EncodingType="url", Prefix="ü", Delimiter="/"))[1], ["%C3%BC/"])
        self.refused("InvalidArgument", self.list, EncodingType="other", status=400)


class Multipart(Wire):
    @classmethod
    def setUpClass(cls):
        cls.s3 = client("s3")
        cls.s3.create_bucket(Bucket="multipart")
        cls.one, cls.two = os.urandom(5 * MIB), os.urandom(1000)

    def begin(self, key, **more):
        return {"Bucket": "multipart", "Key": key,
                "UploadId": self.s3.create_multipart_upload(Bucket="multipart", Key=key, **more)["UploadId"]}

    def part(self, upload, number, body, **more):
        return {"PartNumber": number, "ETag": self.s3.upload_part(PartNumber=number, Body=body, **upload, **more)["ETag"]}

    def complete(self, upload, *parts, **more):
        return self.s3.complete_multipart_upload(MultipartUpload={"Parts": list(parts)}, **upload, **more)

    def test_parts_become_an_object(self):
        upload = self.begin("whole ü", Metadata={"a": "b"}, ContentType="x/y", Tagging="t=1")
        two = self.part(upload, 7, self.two)
        one = self.part(upload, 2, self.one)
        listed = self.s3.list_parts(**upload)
        self.assertEqual([(p["PartNumber"], p["Size"], p["ETag"]) for p in listed["Parts"]],
                         [(2, len(self.one), one["ETag"]), (7, 1000, two["ETag"])])
        page = self.s3.list_parts(MaxParts=1, **upload)
        self.assertEqual((page["IsTruncated"], page["NextPartNumberMarker"]), (True, 2))
        self.assertEqual([p["PartNumber"] for p in self.s3.list_parts(PartNumberMarker=2, **upload)["Parts"]], [7])
        self.refused("NoSuchKey", self.s3.get_object, Bucket="multipart", Key="whole ü")
        done = self.complete(upload, one, two)
        digests = hashlib.md5(self.one).digest() + hashlib.md5(self.two).digest()
        self.assertEqual(done["ETag"], f'"{hashlib.md5(digests).hexdigest()}-2"')
        self.assertEqual((done["Bucket"], done["Key"]), ("multipart", "whole ü"))
        self.assertTrue(done["Location"].startswith("http"), done["Location"])
        got = self.s3.get_object(Bucket="multipart", Key="whole ü")
        self.assertEqual(got["Body"].read(), self.one + self.two)
        self.assertEqual((got["Metadata"], got["ContentType"], got["ETag"]), ({"a": "b"}, "x/y", done["ETag"]))
        second = self.s3.get_object(Bucket="multipart", Key="whole ü", PartNumber=2)
        self.assertEqual((second["Body"].read(), second["PartsCount"]), (self.two, 2))
        self.assertEqual(second["ContentRange"], f"bytes {5 * MIB}-{5 * MIB + 999}/{5 * MIB + 1000}")
        self.refused("NoSuchUpload", self.s3.list_parts, **upload, status=404)

    def test_an_upload_completed_again_is_still_complete(self):
        upload = self.begin("again")
        part = self.part(upload, 1, self.two)
        self.assertEqual(self.complete(upload, part)["ETag"], self.complete(upload, part)["ETag"])

    def test_an_aborted_upload_is_gone(self):
        upload = self.begin("aborted")
        part = self.part(upload, 1, self.two)
        self.assertEqual(self.s3.abort_multipart_upload(**upload)["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.refused("NoSuchUpload", self.part, upload, 2, b"x", status=404)
        self.refused("NoSuchUpload", self.complete, upload, part, status=404)
        self.refused("NoSuchUpload", self.s3.abort_multipart_upload, **upload, status=404)
        self.assertNotIn("aborted", [u["Key"] for u in self.s3.list_multipart_uploads(Bucket="multipart").get("Uploads", [])])

    def test_open_uploads_are_listed_by_key_and_page(self):
        uploads = [self.begin(key) for key in ("open/b", "open/a", "open/a", "open/c/d")]
        listed = self.s3.list_multipart_uploads(Bucket="multipart", Prefix="open/")
        self.assertEqual([u["Key"] for u in listed["Uploads"]], ["open/a", "open/a", "open/b", "open/c/d"])
        folders = self.s3.list_multipart_uploads(Bucket="multipart", Prefix="open/", Delimiter="/")
        self.assertEqual([p["Prefix"] for p in folders["CommonPrefixes"]], ["open/c/"])
        pages = self.s3.get_paginator("list_multipart_uploads").paginate(
            Bucket="multipart", Prefix="open/", PaginationConfig={"PageSize": 1})
        ids = [u["UploadId"] for page in pages for u in page["Uploads"]]
        self.assertEqual(sorted(ids), sorted(u["UploadId"] for u in uploads))
        for upload in uploads:
            self.s3.abort_multipart_upload(**upload)

    def test_what_does_not_fit_is_refused_and_the_upload_stays(self):
        upload = self.begin("refused")
        one, two = self.part(upload, 1, self.two), self.part(upload, 2, self.two)
        self.refused("EntityTooSmall", self.complete, upload, one, two, status=400)
        self.refused("InvalidPartOrder", self.complete, upload, two, one, status=400)
        self.refused("InvalidPart", self.complete, upload, {**one, "ETag": '"0"'}, status=400)
        self.refused("InvalidPart", self.complete, upload, {**one, "PartNumber": 9}, status=400)
        self.refused("MalformedXML", self.complete, upload, status=400)
        self.refused("InvalidArgument", self.part, upload, 10001, b"x", status=400)
        self.refused("InvalidArgument", self.part, upload, 0, b"x", status=400)
        self.complete(upload, two)
        self.assertEqual(self.s3.get_object(Bucket="multipart", Key="refused")["Body"].read(), self.two)

    def test_parts_are_copied_from_objects(self):
        self.s3.put_object(Bucket="multipart", Key="from", Body=self.one + self.two)
        upload = self.begin("copied")
        first = self.s3.upload_part_copy(PartNumber=1, CopySource="multipart/from", CopySourceRange=f"bytes=0-{5 * MIB - 1}", **upload)
        second = self.s3.upload_part_copy(PartNumber=2, CopySource="multipart/from", CopySourceRange="bytes=10-19", **upload)
        self.complete(upload, *({"PartNumber": n, "ETag": p["CopyPartResult"]["ETag"]} for n, p in ((1, first), (2, second))))
        self.assertEqual(self.s3.get_object(Bucket="multipart", Key="copied")["Body"].read(), self.one + self.one[10:20])
        upload = self.begin("copied-badly")
        self.refused("InvalidArgument", self.s3.upload_part_copy, PartNumber=1, CopySource="multipart/from",
                     CopySourceRange="bytes=0-99999999", **upload)

    def test_checksums_of_parts_make_the_objects(self):
        upload = self.begin("sums", ChecksumAlgorithm="SHA256")
        parts = []
        for number, body in ((1, self.one), (2, self.two)):
            answer = self.s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm="SHA256", **upload)
            self.assertEqual(answer["ChecksumSHA256"], text64(hashlib.sha256(body).digest()))
            parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]})
        done = self.complete(upload, *parts)
        both = hashlib.sha256(hashlib.sha256(self.one).digest() + hashlib.sha256(self.two).digest()).digest()
        self.assertEqual((done["ChecksumSHA256"], done["ChecksumType"]), (text64(both) + "-2", "COMPOSITE"))
        upload = self.begin("sums-full", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
        parts = [self.part(upload, n, body, ChecksumAlgorithm="CRC32") for n, body in ((1, self.one), (2, self.two))]
        done = self.complete(upload, *parts, ChecksumType="FULL_OBJECT")
        whole = binascii.crc32(self.two, binascii.crc32(self.one)).to_bytes(4, "big")
        self.assertEqual((done["ChecksumCRC32"], done["ChecksumType"]), (text64(whole), "FULL_OBJECT"))


class CommandLine(Wire):
    """`aws s3`, as people type it."""

    def write(self, name, body=b"x"):
        path = os.path.join(engine.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body)
        return path

    def keys(self, bucket):
        return [item["Key"] for item in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

    def test_a_folder_goes_up_is_moved_comes_down_and_goes(self):
        folder = os.path.dirname(self.write("tree/a.txt", b"a"))
        self.write("tree/sub/b c.txt", b"bb")
        large = os.urandom(9 * MIB)
        self.write("tree/sub/large.bin", large)
        engine.aws("s3", "mb", "s3://cli-tree")
        engine.aws("s3", "sync", folder, "s3://cli-tree/t")
        self.assertEqual(self.keys("cli-tree"), ["t/a.txt", "t/sub/b c.txt", "t/sub/large.bin"])
        self.assertNotIn("upload:", engine.aws("s3", "sync", folder, "s3://cli-tree/t"))
        self.assertIn("PRE sub/", engine.aws("s3", "ls", "s3://cli-tree/t/"))
        engine.aws("s3", "mv", "s3://cli-tree/t/sub/", "s3://cli-tree/moved/", "--recursive")
        self.assertEqual(self.keys("cli-tree"), ["moved/b c.txt", "moved/large.bin", "t/a.txt"])
        back = os.path.join(engine.folder, "back")
        engine.aws("s3", "sync", "s3://cli-tree/", back)
        with open(os.path.join(back, "moved/large.bin"), "rb") as file:
            self.assertEqual(file.read(), large)
        listed = engine.aws("s3", "ls", "s3://cli-tree", "--recursive", "--summarize")
        self.assertIn("Total Objects: 3", listed)
        engine.aws("s3", "rb", "s3://cli-tree", "--force")
        self.assertNotIn("cli-tree", engine.aws("s3", "ls"))

    def test_a_presigned_address_of_the_command_serves(self):
        engine.aws("s3", "mb", "s3://cli-presign")
        engine.aws("s3", "cp", self.write("p.txt", b"presigned"), "s3://cli-presign/p.txt")
        url = engine.aws("s3", "presign", "s3://cli-presign/p.txt").strip()
        self.assertEqual(request(url)[2], b"presigned")
        engine.aws("s3", "rm", "s3://cli-presign/p.txt")
        self.assertEqual(self.keys("cli-presign"), [])


class Streams(Wire):
    @classmethod
    def setUpClass(cls):
        cls.kinesis = client("kinesis")

    def make(self, name, shards=1):
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name)
        return self.kinesis.list_shards(StreamName=name)["Shards"]

    def put(self, name, data, key="k", **more):
        return self.kinesis.put_record(StreamName=name, Data=data, PartitionKey=key, **more)

    def place(self, name, kind, shard="shardId-000000000000", **more):
        return self.kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]

    def read(self, place, **more):
        return [r["Data"] for r in self.kinesis.get_records(ShardIterator=place, **more)["Records"]]

    def test_the_five_iterators_start_where_they_say(self):
        self.make("five")
        latest = self.place("five", "LATEST")
        self.assertEqual(self.read(latest), [])
        put = [self.put("five", f"{n}".encode()) for n in range(4)]
        numbers = [p["SequenceNumber"] for p in put]
        records = self.kinesis.get_records(ShardIterator=self.place("five", "TRIM_HORIZON"))["Records"]
        self.assertEqual([r["SequenceNumber"] for r in records], numbers)
        self.assertEqual([r["PartitionKey"] for r in records], ["k"] * 4)
        self.assertEqual(self.read(latest), [b"0", b"1", b"2", b"3"])
        self.assertEqual(self.read(self.place("five", "AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2])), [b"2", b"3"])
        self.assertEqual(self.read(self.place("five", "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2])), [b"3"])
        self.assertEqual(self.read(self.place("five", "LATEST")), [])
        first = records[0]["ApproximateArrivalTimestamp"]

        def later():  # boto3 sends whole seconds
            self.put("five", b"later")
            last = self.kinesis.get_records(ShardIterator=self.place("five", "TRIM_HORIZON"))["Records"][-1]
            when = last["ApproximateArrivalTimestamp"].replace(microsecond=0)
            return (when, last) if when > records[-1]["ApproximateArrivalTimestamp"] else None

        when, last = eventually(later, "a record of a later second")
        found = self.kinesis.get_records(ShardIterator=self.place("five", "AT_TIMESTAMP", Timestamp=when))["Records"]
        self.assertTrue(all(r["ApproximateArrivalTimestamp"] >= when for r in found))
        self.assertEqual(found[-1]["SequenceNumber"], last["SequenceNumber"])
        self.assertNotIn(found[0]["Data"], (b"0", b"1", b"2", b"3"))
        old = first - datetime.timedelta(hours=1)
        self.assertEqual(self.read(self.place("five", "AT_TIMESTAMP", Timestamp=old))[:4], [b"0", b"1", b"2", b"3"])

    def test_pages_follow_one_another_to_the_tip(self):
        self.make("pages")
        for n in range(7):
            self.put("pages", f"{n}".encode())
        place, pages = self.place("pages", "TRIM_HORIZON"), []
        for _ in range(4):
            page = self.kinesis.get_records(ShardIterator=place, Limit=3)
            pages.append([r["Data"] for r in page["Records"]])
            if len(pages) == 1:
                self.assertGreaterEqual(page["MillisBehindLatest"], 0)
            place = page["NextShardIterator"]
        self.assertEqual(pages, [[b"0", b"1", b"2"], [b"3", b"4", b"5"], [b"6"], []])
        self.assertEqual(page["MillisBehindLatest"], 0)

    def test_a_key_goes_to_the_shard_of_its_md5(self):
        shards = self.make("md5", 3)
        ranges = [(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in shards]
        self.assertEqual((ranges[0][0], ranges[-1][1]), (0, MAX_HASH))
        for before, after in zip(ranges, ranges[1:]):
            self.assertEqual(before[1] + 1, after[0])
        for n in range(30):
            key = f"beer-{n}-ü"
            point = int.from_bytes(hashlib.md5(key.encode()).digest(), "big")
            expected = next(s["ShardId"] for s, (low, high) in zip(shards, ranges) if low <= point <= high)
            self.assertEqual(self.put("md5", b"x", key)["ShardId"], expected)
        for (low, high), shard in zip(ranges, shards):
            for point in (low, high):
                self.assertEqual(self.put("md5", b"x", ExplicitHashKey=str(point))["ShardId"], shard["ShardId"])
        for bad in (str(MAX_HASH + 1), "x", "-1", "01"):
            with self.subTest(bad):
                code = self.refusal(self.put, "md5", b"x", ExplicitHashKey=bad)
                self.assertIn(code, ("InvalidArgumentException", "ValidationException"))

    def refusal(self, call, *arguments, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **parameters)
        return caught.exception.response["Error"]["Code"]

    def test_sequence_numbers_grow_and_follow_what_is_asked(self):
        self.make("order")
        numbers = [int(self.put("order", b"x")["SequenceNumber"]) for _ in range(5)]
        answer = self.kinesis.put_records(StreamName="order", Records=[{"Data": b"y", "PartitionKey": f"{n}"} for n in range(50)])
        numbers += [int(r["SequenceNumber"]) for r in answer["Records"]]
        self.assertEqual(numbers, sorted(set(numbers)))
        after = self.put("order", b"z", SequenceNumberForOrdering=str(numbers[-1]))
        self.assertGreater(int(after["SequenceNumber"]), numbers[-1])
        self.assertEqual(len(after["SequenceNumber"]), 56)
        self.assertEqual(after["EncryptionType"] if "EncryptionType" in after else "NONE", "NONE")

    def test_shards_are_listed_by_page_and_filter(self):
        self.make("listed", 4)
        page = self.kinesis.list_shards(StreamName="listed", MaxResults=3)
        self.assertEqual([s["ShardId"] for s in page["Shards"]], [f"shardId-{n:012}" for n in range(3)])
        rest = self.kinesis.list_shards(NextToken=page["NextToken"])
        self.assertEqual([s["ShardId"] for s in rest["Shards"]], ["shardId-000000000003"])
        self.assertNotIn("NextToken", rest)
        after = self.kinesis.list_shards(StreamName="listed", ExclusiveStartShardId="shardId-000000000002")
        self.assertEqual(len(after["Shards"]), 1)
        self.assertEqual(len(self.kinesis.list_shards(StreamName="listed", ShardFilter={"Type": "AT_LATEST"})["Shards"]), 4)
        self.refused("InvalidArgumentException", self.kinesis.list_shards, StreamName="listed", NextToken=page["NextToken"])
        self.refused("InvalidArgumentException", self.kinesis.list_shards)

    def test_a_split_shard_ends_and_names_its_children(self):
        self.make("split")
        self.put("split", b"before")
        self.kinesis.split_shard(StreamName="split", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127))
        self.kinesis.get_waiter("stream_exists").wait(StreamName="split")
        place, read = self.place("split", "TRIM_HORIZON"), []
        for _ in range(5):
            page = self.kinesis.get_records(ShardIterator=place)
            read += [r["Data"] for r in page["Records"]]
            place = page.get("NextShardIterator")
            if not place:
                break
        self.assertIsNone(place)
        self.assertEqual(read, [b"before"])
        self.assertEqual([c["ShardId"] for c in page["ChildShards"]], ["shardId-000000000001", "shardId-000000000002"])
        self.assertEqual(page["ChildShards"][0]["ParentShards"], ["shardId-000000000000"])
        shards = self.kinesis.list_shards(StreamName="split")["Shards"]
        self.assertIn("EndingSequenceNumber", shards[0]["SequenceNumberRange"])
        self.assertEqual(shards[1]["ParentShardId"], "shardId-000000000000")
        self.assertEqual(self.put("split", b"x", ExplicitHashKey="0")["ShardId"], "shardId-000000000001")
        self.assertEqual(self.kinesis.describe_stream_summary(StreamName="split")["StreamDescriptionSummary"]["OpenShardCount"], 2)

    def test_retention_goes_up_and_down_between_its_bounds(self):
        self.make("kept")
        hours = lambda: self.kinesis.describe_stream(StreamName="kept")["StreamDescription"]["RetentionPeriodHours"]
        self.assertEqual(hours(), 24)
        self.kinesis.increase_stream_retention_period(StreamName="kept", RetentionPeriodHours=48)
        self.assertEqual(hours(), 48)
        self.kinesis.decrease_stream_retention_period(StreamName="kept", RetentionPeriodHours=24)
        self.assertEqual(hours(), 24)
        for call, value in ((self.kinesis.increase_stream_retention_period, 23), (self.kinesis.increase_stream_retention_period, 8761),
                            (self.kinesis.decrease_stream_retention_period, 23), (self.kinesis.decrease_stream_retention_period, 30)):
            with self.subTest(call.__name__, value=value):
                self.refused("InvalidArgumentException", call, StreamName="kept", RetentionPeriodHours=value, status=400)

    def test_put_records_refuses_whole_requests_that_break_its_limits(self):
        self.make("limits")
        record = {"Data": b"x", "PartitionKey": "k"}
        call = self.kinesis.put_records
        self.refused("ValidationException", call, StreamName="limits", Records=[record] * 501, status=400)
        self.refused("ValidationException", call, StreamName="limits", Records=[{**record, "PartitionKey": "k" * 257}])
        self.assertIn(self.refusal(self.put, "limits", bytes(MIB + 1)), ("ValidationException", "InvalidArgumentException"))
        self.assertEqual(call(StreamName="limits", Records=[record] * 500)["FailedRecordCount"], 0)

    def test_errors_have_their_codes(self):
        self.make("errors")
        missing = "ResourceNotFoundException"
        for call, parameters in ((self.kinesis.describe_stream, {}), (self.kinesis.describe_stream_summary, {}),
                                 (self.kinesis.delete_stream, {}), (self.kinesis.list_shards, {}),
                                 (self.kinesis.put_record, {"Data": b"x", "PartitionKey": "k"}),
                                 (self.kinesis.put_records, {"Records": [{"Data": b"x", "PartitionKey": "k"}]})):
            with self.subTest(call.__name__):
                answer = self.refused(missing, call, StreamName="no-such-stream", status=400, **parameters)
                self.assertEqual(answer["Error"]["Message"], "Stream no-such-stream under account 123456789012 not found.")
        self.refused("ResourceInUseException", self.kinesis.create_stream, StreamName="errors", ShardCount=1, status=400)
        self.refused("ResourceNotFoundException", self.place, "errors", "LATEST", "shardId-000000000009")
        self.refused("InvalidArgumentException", self.place, "errors", "AT_SEQUENCE_NUMBER")
        self.refused("InvalidArgumentException", self.place, "errors", "AT_SEQUENCE_NUMBER", StartingSequenceNumber="12")
        self.refused("InvalidArgumentException", self.place, "errors", "AT_TIMESTAMP")
        self.refused("ValidationException", self.place, "errors", "SOMEWHERE")
        self.refused("InvalidArgumentException", self.kinesis.get_records, ShardIterator="nonsense", status=400)
        self.refused("ValidationException", self.kinesis.create_stream, StreamName="bad name", ShardCount=1)
        self.refused("ValidationException", self.kinesis.get_records, ShardIterator=self.place("errors", "LATEST"), Limit=10001)

    def test_streams_are_listed_and_deleted(self):
        for name in ("zz-1", "zz-2", "zz-3"):
            self.make(name)
        names, page = [], self.kinesis.list_streams(Limit=2, ExclusiveStartStreamName="zz-0")
        names += page["StreamNames"]
        self.assertTrue(page["HasMoreStreams"])
        page = self.kinesis.list_streams(NextToken=page["NextToken"])
        self.assertEqual(names + page["StreamNames"], ["zz-1", "zz-2", "zz-3"])
        arn = self.kinesis.describe_stream_summary(StreamName="zz-1")["StreamDescriptionSummary"]["StreamARN"]
        self.assertEqual(arn, "arn:aws:kinesis:us-east-1:123456789012:stream/zz-1")
        self.assertTrue(self.kinesis.put_record(StreamARN=arn, Data=b"x", PartitionKey="k")["SequenceNumber"])
        self.kinesis.delete_stream(StreamName="zz-1")
        self.kinesis.get_waiter("stream_not_exists").wait(StreamName="zz-1")

    def test_the_command_line_puts_and_reads(self):
        self.make("cli-stream")
        engine.aws("kinesis", "put-record", "--stream-name", "cli-stream", "--partition-key", "k", "--data", "typed")
        place = engine.aws("kinesis", "get-shard-iterator", "--stream-name", "cli-stream", "--shard-id", "shardId-000000000000",
                           "--shard-iterator-type", "TRIM_HORIZON")["ShardIterator"]
        self.assertEqual(engine.aws("kinesis", "get-records", "--shard-iterator", place)["Records"][0]["Data"], text64(b"typed"))


BOOTSTRAP = rb"""#!/usr/bin/env python3
import base64, json, os, time, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as asked:
        request_id, event = asked.headers["Lambda-Runtime-Aws-Request-Id"], json.load(asked)
    answers = []
    for record in event["records"]:
        text = base64.b64decode(record["data"]).decode()
        if text[0] == "c":  # "c" crashes, "h" hangs
            os._exit(1)
        if text[0] == "h":
            time.sleep(600)
        result = {"d": "Dropped", "f": "ProcessingFailed"}.get(text[0], "Ok")
        answer = {"recordId": record["recordId"], "result": result, "data": record["data"]}
        if result == "Ok":
            answer["data"] = base64.b64encode((text.upper() + "\n").encode()).decode()
        if text[0] != "l":  # "l" is lost
            answers.append(answer)
    body = json.dumps({"records": answers}).encode()
    urllib.request.urlopen(urllib.request.Request(api + request_id + "/response", data=body)).read()
"""


class Deliveries(Wire):
    @classmethod
    def setUpClass(cls):
        cls.firehose, cls.s3 = client("firehose"), client("s3")
        cls.role = engine.make_role("deliveries")

    def make(self, name, hints=(0, 1), **destination):
        self.s3.create_bucket(Bucket=name)
        self.firehose.create_delivery_stream(
            DeliveryStreamName=name, DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": self.role, "BucketARN": f"arn:aws:s3:::{name}",
                "BufferingHints": {"IntervalInSeconds": hints[0], "SizeInMBs": hints[1]}, **destination})

    def put(self, name, *records):
        answer = self.firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": r} for r in records])
        self.assertEqual(answer["FailedPutCount"], 0)
        return answer

    def objects(self, bucket, prefix=""):
        found = {}
        for item in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            found[item["Key"]] = self.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        return found

    def arrived(self, bucket, prefix="", least=1, read=lambda body: body.splitlines()):
        """The pieces of all objects, once there are enough."""
        def check():
            found = self.objects(bucket, prefix)
            return found if sum(len(read(body)) for body in found.values()) >= least else None
        return eventually(check, f"{least} in {bucket}/{prefix}", 20)

    def test_records_put_directly_arrive_byte_for_byte(self):
        self.make("fh-direct", (60, 1))
        one = self.firehose.put_record(DeliveryStreamName="fh-direct", Record={"Data": b"one"})
        self.assertTrue(one["RecordId"])
        self.assertFalse(one.get("Encrypted", False))
        answer = self.put("fh-direct", b"two", b"\n\xff\n")
        self.assertEqual(len({r["RecordId"] for r in answer["RequestResponses"]}), 2)
        found = self.arrived("fh-direct")
        self.assertEqual(b"".join(found.values()), b"onetwo\n\xff\n")
        key = next(iter(found))
        self.assertRegex(key, r"^\d{4}/\d\d/\d\d/\d\d/fh-direct-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

    def test_a_full_buffer_does_not_wait_for_the_clock(self):
        self.make("fh-full", (900, 1))
        for _ in range(3):
            self.put("fh-full", *[bytes([65]) * 500_000] * 2)
        found = self.arrived("fh-full", least=1, read=lambda body: body)
        self.assertGreaterEqual(len(next(iter(found.values()))), MIB - 500_000)

    def test_prefixes_are_of_the_arrivals_time_and_gzip_of_the_object(self):
        self.make("fh-gzip", CompressionFormat="GZIP", FileExtension=".json.gz",
                  Prefix="in/year=!{timestamp:yyyy}/month=!{timestamp:MM}/r=!{firehose:random-string}/",
                  ErrorOutputPrefix="errors/!{firehose:error-output-type}/!{timestamp:yyyy}/")
        self.put("fh-gzip", b'{"a":1}\n', b'{"a":2}\n')
        found = self.arrived("fh-gzip", least=2, read=lambda body: gzip.decompress(body).splitlines())
        lines = b"".join(gzip.decompress(body) for body in found.values())
        self.assertEqual(sorted(lines.splitlines()), [b'{"a":1}', b'{"a":2}'])
        key = next(iter(found))
        self.assertRegex(key, r"^in/year=\d{4}/month=\d\d/r=[A-Za-z0-9]{11}/fh-gzip-1-.*\.json\.gz$")
        head = self.s3.head_object(Bucket="fh-gzip", Key=key)
        self.assertEqual(head["ContentType"], "application/octet-stream")

    def make_function(self, name="upper", timeout=60):
        functions = client("lambda")
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(entry, BOOTSTRAP)
        arn = functions.create_function(
            FunctionName=name, Runtime="provided.al2023", Role=self.role, Handler="x",
            Code={"ZipFile": package.getvalue()}, Timeout=timeout)["FunctionArn"]
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return arn

    def test_a_function_transforms_drops_and_fails_records(self):
        arn = self.make_function()
        self.make("fh-lambda", Prefix="in/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
                  ProcessingConfiguration={"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                      {"ParameterName": "LambdaArn", "ParameterValue": arn + ":$LATEST"}]}]})
        self.put("fh-lambda", b"one", b"dropped", b"failed", b"two", b"lost")
        good = self.arrived("fh-lambda", "in/", 2)
        self.assertEqual(b"".join(good.values()), b"ONE\nTWO\n")
        failed = self.arrived("fh-lambda", "errors/processing-failed/", 2)
        rows = [json.loads(line) for body in failed.values() for line in body.splitlines()]
        self.assertEqual(sorted(base64.b64decode(row["rawData"]) for row in rows), [b"failed", b"lost"])
        for row in rows:
            self.assertEqual(row["lambdaArn"], arn + ":$LATEST")
            self.assertEqual(row["attemptsMade"], 1)
            self.assertTrue(row["errorCode"].startswith("Lambda."), row)
            self.assertIsInstance(row["arrivalTimestamp"], int)
            self.assertIsInstance(row["attemptEndingTimestamp"], int)
            self.assertTrue(row["errorMessage"])
        self.assertEqual({k.split("/")[0] for k in self.objects("fh-lambda")}, {"in", "errors"})

    def test_a_function_that_hangs_or_crashes_holds_nothing_up_and_loses_nothing(self):
        arn = self.make_function("odd", timeout=1)
        self.make("fh-odd", Prefix="in/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
                  ProcessingConfiguration={"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                      {"ParameterName": "LambdaArn", "ParameterValue": arn},
                      {"ParameterName": "NumberOfRetries", "ParameterValue": "0"}]}]})
        for record, code in ((b"hangs", "Lambda.FunctionTimedOut"), (b"crashes", "Lambda.FunctionError")):
            self.put("fh-odd", record)
            eventually(lambda: any(record in base64.b64decode(json.loads(line)["rawData"]) and
                                   json.loads(line)["errorCode"] == code
                                   for body in self.objects("fh-odd", "errors/processing-failed/").values()
                                   for line in body.splitlines()), code, 30)
        self.put("fh-odd", b"ale")
        self.assertEqual(b"".join(self.arrived("fh-odd", "in/").values()), b"ALE\n")

    def test_records_are_partitioned_by_a_query_and_backed_up_as_they_came(self):
        parameters = lambda **named: [{"ParameterName": k, "ParameterValue": v} for k, v in named.items()]
        processing = {"Enabled": True, "Processors": [
            {"Type": "RecordDeAggregation", "Parameters": parameters(SubRecordType="JSON")},
            {"Type": "MetadataExtraction", "Parameters": parameters(
                MetadataExtractionQuery="{style: .style, year: .brewed|strftime(\"%Y\")}", JsonParsingEngine="JQ-1.6")},
            {"Type": "AppendDelimiterToRecord", "Parameters": parameters(Delimiter="\\n")}]}
        partitioning = {"Enabled": True, "RetryOptions": {"DurationInSeconds": 60}}
        destination = dict(
            Prefix="in/style=!{partitionKeyFromQuery:style}/year=!{partitionKeyFromQuery:year}/",
            ErrorOutputPrefix="errors/!{firehose:error-output-type}/", ProcessingConfiguration=processing,
            CompressionFormat="GZIP", S3BackupMode="Enabled", S3BackupConfiguration={
                "RoleARN": self.role, "BucketARN": "arn:aws:s3:::fh-parts", "Prefix": "came/", "CompressionFormat": "ZIP",
                "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1}})
        with self.assertRaises(ClientError) as caught:
            self.make("fh-parts", (0, 64), **destination)
        self.assertIn("Dynamic Partitioning", caught.exception.response["Error"]["Message"])
        self.s3.delete_bucket(Bucket="fh-parts")
        self.make("fh-parts", (0, 64), DynamicPartitioningConfiguration=partitioning, **destination)
        told = self.firehose.describe_delivery_stream(DeliveryStreamName="fh-parts")["DeliveryStreamDescription"]
        told = told["Destinations"][0]["ExtendedS3DestinationDescription"]
        self.assertEqual((told["ProcessingConfiguration"], told["DynamicPartitioningConfiguration"], told["Prefix"]),
                         (processing, partitioning, destination["Prefix"]))
        came = b'{"style":"IPA","brewed":1565382027}{"style":"Stout","brewed":1765382027}\n{"style":"IPA","brewed":1565382028}'
        self.put("fh-parts", came, b'{"style":""}')
        lines = lambda body: gzip.decompress(body).splitlines()
        found = self.arrived("fh-parts", "in/", 3, lines)
        self.assertEqual({key.rsplit("/", 1)[0]: len(lines(body)) for key, body in found.items()},
                         {"in/style=IPA/year=2019": 2, "in/style=Stout/year=2025": 1})
        failed = [json.loads(line) for body in self.arrived("fh-parts", "errors/processing-failed/").values()
                  for line in body.splitlines()]
        self.assertEqual([row["errorCode"] for row in failed], ["DynamicPartitioning.MetadataExtractionFailed"])
        backup = self.objects("fh-parts", "came/")
        archives = [zipfile.ZipFile(io.BytesIO(body)) for body in backup.values()]
        backed_up = b"".join(a.read(name) for a in archives for name in a.namelist())
        self.assertEqual(len(backed_up), len(came + b'{"style":""}'))
        self.assertIn(came, backed_up)
        self.assertTrue(all(key.endswith(".zip") for key in backup), backup.keys())

    def test_parquet_of_the_glue_table_is_queried_and_misfits_go_to_the_error_prefix(self):
        glue, athena = client("glue"), client("athena")
        glue.create_database(DatabaseInput={"Name": "lake"})
        glue.create_table(DatabaseName="lake", TableInput={
            "Name": "rows", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "parquet"},
            "StorageDescriptor": {
                "Location": "s3://fh-parquet/in/",
                "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
                "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "abv", "Type": "double"},
                            {"Name": "name", "Type": "string"}, {"Name": "ok", "Type": "boolean"},
                            {"Name": "tags", "Type": "array<string>"},
                            {"Name": "malt", "Type": "struct<name:string,kg:double>"},
                            {"Name": "day", "Type": "date"}, {"Name": "seen", "Type": "timestamp"}]}})
        self.make("fh-parquet", (0, 64), Prefix="in/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
                  DataFormatConversionConfiguration={
                      "Enabled": True,
                      "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                      "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
                      "SchemaConfiguration": {"RoleARN": self.role, "DatabaseName": "lake", "TableName": "rows",
                                              "Region": "us-east-1", "VersionId": "LATEST"}})
        beers = [{"id": n, "abv": n + 0.5, "name": f"beer {n}", "ok": n % 2 == 0, "tags": ["a", "b"],
                  "malt": {"name": "pale", "kg": 1.5}, "day": "2026-01-02", "seen": "2026-01-02 03:04:05", "unknown": 1}
                 for n in range(10)]
        bad = [b"not json", b'{"id":"ten"}', b"[1,2]"]
        self.put("fh-parquet", *[json.dumps(row).encode() for row in beers], *bad)
        good = self.arrived("fh-parquet", "in/", 1, read=lambda body: [body])
        for body in good.values():
            self.assertEqual((body[:4], body[-4:]), (b"PAR1", b"PAR1"))
        self.assertRegex(next(iter(good)), r"\.parquet$")
        failed = self.arrived("fh-parquet", "errors/format-conversion-failed/", len(bad))
        rows = [json.loads(line) for body in failed.values() for line in body.splitlines()]
        self.assertEqual(sorted(base64.b64decode(row["rawData"]) for row in rows), sorted(bad))
        for row in rows:
            self.assertTrue(row["lastErrorCode"].startswith("DataFormatConversion."), row)
            self.assertTrue(row["lastErrorMessage"])
            self.assertEqual((row["dataCatalogTable"]["databaseName"], row["dataCatalogTable"]["tableName"]), ("lake", "rows"))
        self.s3.create_bucket(Bucket="fh-results")
        query = athena.start_query_execution(
            QueryString="SELECT count(*), sum(id), max(abv), max(name), count_if(ok), max(tags[2]), max(malt.kg), "
                        "max(day), max(seen) FROM rows",
            QueryExecutionContext={"Database": "lake"},
            ResultConfiguration={"OutputLocation": "s3://fh-results/"})["QueryExecutionId"]

        def finished():
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return status if status["State"] in ("SUCCEEDED", "FAILED") else None

        status = eventually(finished, "the query to end")
        self.assertEqual(status["State"], "SUCCEEDED", status)
        row = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1]["Data"]
        self.assertEqual([cell.get("VarCharValue") for cell in row],
                         ["10", "45", "9.5", "beer 9", "5", "b", "1.5", "2026-01-02", "2026-01-02 03:04:05.000"])

    def test_a_kinesis_source_is_read_from_now_on(self):
        kinesis = client("kinesis")
        kinesis.create_stream(StreamName="fh-source", ShardCount=2)
        arn = kinesis.describe_stream_summary(StreamName="fh-source")["StreamDescriptionSummary"]["StreamARN"]
        self.s3.create_bucket(Bucket="fh-sourced")
        self.firehose.create_delivery_stream(
            DeliveryStreamName="fh-sourced", DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": self.role},
            ExtendedS3DestinationConfiguration={"RoleARN": self.role, "BucketARN": "arn:aws:s3:::fh-sourced",
                                                "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1}})
        for n in range(20):
            kinesis.put_record(StreamName="fh-source", Data=b"%d\n" % n, PartitionKey=str(n))
        found = self.arrived("fh-sourced", least=20)
        self.assertEqual(sorted(int(n) for body in found.values() for n in body.split()), list(range(20)))
        self.refused("InvalidArgumentException", self.firehose.put_record, DeliveryStreamName="fh-sourced", Record={"Data": b"x"})

    def test_a_stream_is_described_listed_and_deleted(self):
        self.make("fh-described", (60, 5), Prefix="p/")
        told = self.firehose.describe_delivery_stream(DeliveryStreamName="fh-described")["DeliveryStreamDescription"]
        self.assertEqual((told["DeliveryStreamStatus"], told["DeliveryStreamType"], told["VersionId"], told["HasMoreDestinations"]),
                         ("ACTIVE", "DirectPut", "1", False))
        self.assertEqual(told["DeliveryStreamARN"], "arn:aws:firehose:us-east-1:123456789012:deliverystream/fh-described")
        told = told["Destinations"][0]["ExtendedS3DestinationDescription"]
        self.assertEqual((told["Prefix"], told["CompressionFormat"], told["S3BackupMode"], told["BufferingHints"]),
                         ("p/", "UNCOMPRESSED", "Disabled", {"SizeInMBs": 5, "IntervalInSeconds": 60}))
        self.assertIn("fh-described", self.firehose.list_delivery_streams(Limit=1, ExclusiveStartDeliveryStreamName="fh-describec")["DeliveryStreamNames"])
        self.refused("ResourceInUseException", self.make, "fh-described")
        self.firehose.delete_delivery_stream(DeliveryStreamName="fh-described")
        def gone():
            try:
                self.firehose.describe_delivery_stream(DeliveryStreamName="fh-described")
            except ClientError as error:
                return error.response["Error"]["Code"]
            return None
        self.assertEqual(eventually(gone, "the stream to go"), "ResourceNotFoundException")

    def test_errors_have_their_codes(self):
        missing = "ResourceNotFoundException"
        self.refused(missing, self.firehose.put_record, DeliveryStreamName="none", Record={"Data": b"x"}, status=400)
        self.refused(missing, self.firehose.describe_delivery_stream, DeliveryStreamName="none")
        self.refused(missing, self.firehose.delete_delivery_stream, DeliveryStreamName="none")
        self.make("fh-errors")
        self.refused("ValidationException", self.firehose.put_record_batch, DeliveryStreamName="fh-errors", Records=[{"Data": b"x"}] * 501)
        self.refused("ValidationException", self.firehose.put_record, DeliveryStreamName="fh-errors", Record={"Data": bytes(1_024_001)})
        self.refused("InvalidArgumentException", self.make, "fh-bad-one", Prefix="x/!{firehose:nonsense}/")
        self.refused("InvalidArgumentException", self.make, "fh-bad-two", Prefix="x/!{timestamp:yyyy}/")
        self.refused("InvalidArgumentException", self.make, "fh-bad-three", (0, 1), Prefix="a/", ErrorOutputPrefix="b/",
                     CompressionFormat="GZIP", DataFormatConversionConfiguration={"Enabled": True})


if __name__ == "__main__":
    unittest.main(verbosity=1)
