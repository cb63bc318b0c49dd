#!/usr/bin/env python3
"""Clients that mean no good, on raw sockets against the engine: each gets its refusal, nothing it sent is kept, and
who comes after it is served."""
import os
import re
import socket
import struct
import unittest
import urllib.parse

import beer

HOST = b"Host: localhost\r\n"


def head(status):
    return f"HTTP/1.1 {status} ".encode()


class HostileClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(beer.Engine("--no-deploy"))
        where = urllib.parse.urlsplit(cls.engine.url)
        cls.address = (where.hostname, where.port)
        cls.s3 = cls.engine.client("s3")
        cls.s3.create_bucket(Bucket="lake")

    def connect(self):
        wire = socket.create_connection(self.address, timeout=15)
        self.addCleanup(wire.close)
        return wire

    def answer(self, *pieces, then_close=False):
        """What comes back, to the connection's end or for the first answer."""
        wire = self.connect()
        for piece in pieces:
            try:
                wire.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        if then_close:
            wire.shutdown(socket.SHUT_WR)
        return self.read(wire, to_end=then_close)

    @staticmethod
    def read(wire, to_end=False):
        got = b""
        while True:
            try:
                more = wire.recv(65536)
            except ConnectionResetError:
                return got
            got += more
            if not more:
                return got
            if to_end:
                continue
            length = re.search(rb"\r\nContent-Length: (\d+)\r\n", got)
            end = got.find(b"\r\n\r\n")
            if length and len(got) >= end + 4 + int(length[1]) and b"Connection: close" not in got:
                return got

    def assert_alive(self):
        self.assertEqual(self.s3.list_objects_v2(Bucket="lake")["KeyCount"], 0)

    def presigned_put(self, key):
        url = urllib.parse.urlsplit(self.s3.generate_presigned_url("put_object", {"Bucket": "lake", "Key": key}))
        return f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n".encode()

    def test_what_two_servers_would_read_differently_is_refused(self):
        smuggled = b"GET /_engine/health HTTP/1.1\r\n" + HOST + b"\r\n"
        for name, lines, body in [
            ("both lengths", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
            ("both, the other way", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
            ("two lengths", b"Content-Length: 4\r\nContent-Length: 5\r\n", b"beers"),
            ("a list of lengths", b"Content-Length: 4, 5\r\n", b"beers"),
            ("a signed length", b"Content-Length: +4\r\n", b"beer"),
            ("a negative length", b"Content-Length: -1\r\n", b""),
            ("a length that wraps", b"Content-Length: 18446744073709551620\r\n", b"beer"),
            ("a space before the colon", b"Content-Length : 4\r\n", b"beer"),
            ("a line without a name", b": 4\r\n", b""),
            ("a bare line feed", b"X-A: b\nContent-Length: 4\r\n", b"beer"),
            ("a bare carriage return", b"X-A: b\rContent-Length: 4\r\n", b"beer"),
            ("a zero byte", b"X-A: b\0c\r\n", b""),
            ("chunks of no size", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n"),
            ("a chunk whose size wraps", b"Transfer-Encoding: chunked\r\n", b"10000000000000004\r\nbeer\r\n0\r\n\r\n"),
            ("a chunk of a negative size", b"Transfer-Encoding: chunked\r\n", b"-4\r\nbeer\r\n0\r\n\r\n"),
            ("a chunk without its end", b"Transfer-Encoding: chunked\r\n", b"4\r\nbeers\r\n0\r\n\r\n"),
        ]:
            with self.subTest(name):
                got = self.answer(b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n" + body + smuggled)
                self.assertTrue(got.startswith(head(400)), got[:200])
                self.assertEqual(got.count(b"HTTP/1.1 "), 1, "what stands behind a refused request is no request")
        for encoding in (b"chunked, identity", b"xchunked", b"identity", b"gzip"):
            with self.subTest(encoding):
                got = self.answer(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: " + encoding
                                  + b"\r\n\r\n0\r\n\r\n" + smuggled, then_close=True)
                self.assertRegex(got[:16], rb"HTTP/1.1 (400|501) ")
                self.assertEqual(got.count(b"HTTP/1.1 "), 1)
        self.assert_alive()

    def test_a_folded_header_is_one_line_to_us(self):
        got = self.answer(b"GET /_engine/health HTTP/1.1\r\n" + HOST + b"X-A: b\r\n Content-Length: 40\r\n\r\n")
        self.assertTrue(got.startswith(head(200)), got[:200])

    def test_garbage_is_refused_and_what_stands_behind_it_not_read(self):
        for name, bytes_ in [("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(500)),
                             ("noise", b"\xff\xfe\xfd\r\n\r\n" + os.urandom(5000)),
                             ("an old request", b"GET /\r\n\r\n"), ("a far version", b"GET / HTTP/9.9\r\n\r\n"),
                             ("zero bytes", bytes(5000)),
                             ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]:
            with self.subTest(name):
                got = self.answer(bytes_, then_close=True)
                self.assertRegex(got[:16], rb"HTTP/1.1 (400|505) ")
        good = b"GET /_engine/health HTTP/1.1\r\n" + HOST + b"\r\n"
        got = self.answer(good + good + b"\0garbage\r\n\r\n" + good, then_close=True)
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", got), [b"200", b"200", b"400"])
        self.assert_alive()

    def test_headers_and_addresses_have_a_limit(self):
        for request in (b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n",
                        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(20_000)) + b"\r\n",
                        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
                        b"G" * 70_000):
            got = self.answer(request)
            self.assertRegex(got[:16], rb"HTTP/1.1 (431|400) ", request[:20])
        self.assert_alive()

    def test_a_body_beyond_the_limit_is_refused_before_it_comes(self):
        for expect in (b"", b"Expect: 100-continue\r\n"):
            got = self.answer(self.presigned_put("large") + expect + b"Content-Length: 99999999999999\r\n\r\n")
            self.assertTrue(got.startswith(head(413)), got[:100])
        got = self.answer(self.presigned_put("large") + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\nbeer")
        self.assertTrue(got.startswith(head(413)), got[:100])
        got = self.answer(b"PUT /lake/key HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n",
                          b"beer")
        self.assertIn(head(403), got)
        self.assert_alive()

    def test_a_json_body_that_is_nested_too_deeply_is_refused(self):
        kinesis = self.engine.client("kinesis")

        def deep(request, **_):
            request.data = b'{"StreamName":"a","Tags":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"
        kinesis.meta.events.register("before-sign", deep)
        with self.assertRaises(kinesis.exceptions.ClientError) as refused:
            kinesis.create_stream(StreamName="a")
        self.assertEqual(refused.exception.response["Error"]["Code"], "SerializationException")
        self.assert_alive()

    def test_nothing_is_kept_of_an_upload_that_breaks_off(self):
        size = 12 << 20  # spooled to a file
        for how in ("reset", "closed", "half-closed"):
            with self.subTest(how):
                wire = self.connect()
                wire.sendall(self.presigned_put("broken") + b"Content-Length: %d\r\n\r\n" % size)
                wire.sendall(bytes(size // 2))
                if how == "reset":
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if how == "half-closed":
                    wire.shutdown(socket.SHUT_WR)
                    self.assertEqual(self.read(wire), b"")
                wire.close()
        spool = os.path.join(self.engine.data, "scratch", "spool")
        beer.eventually(lambda: not os.listdir(spool), "no piece of a broken upload is left", 10)
        self.assert_alive()

    def test_a_client_that_says_its_last_word_first_is_still_answered(self):
        got = self.answer(b"GET /_engine/health HTTP/1.1\r\n" + HOST + b"\r\n", then_close=True)
        self.assertTrue(got.startswith(head(200)))


if __name__ == "__main__":
    unittest.main()
