#!/usr/bin/env python3
"""Ten thousand connections that are held and say nothing, and a thousand clients that ask at once: everybody is
answered, nobody much later than the others, and a held connection costs little."""
import asyncio
import resource
import socket
import statistics
import time
import unittest
import urllib.parse

import beer

IDLE = 10_000
CLIENTS = 1_000
ROUNDS = 5
MOST_BYTES_PER_IDLE = 16 << 10


class ManyClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        cls.idle = min(IDLE, int(most * 0.7))
        cls.engine = cls.enterClassContext(beer.Engine("--no-deploy"))
        cls.where = urllib.parse.urlsplit(cls.engine.url)
        cls.s3 = cls.engine.client("s3")
        cls.s3.create_bucket(Bucket="lake")
        cls.s3.put_object(Bucket="lake", Key="beer", Body=b"pale ale")
        url = urllib.parse.urlsplit(cls.s3.generate_presigned_url("get_object", {"Bucket": "lake", "Key": "beer"}))
        cls.request = f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()

    def resident(self):
        with open(f"/proc/{self.engine.process.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) << 10

    async def connect(self):
        return await asyncio.open_connection(self.where.hostname, self.where.port)

    async def ask(self, reader, writer):
        writer.write(self.request)
        head = await reader.readuntil(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head[:100])
        self.assertEqual(await reader.readexactly(8), b"pale ale")

    def ask_by(self, wire):
        wire.sendall(self.request)
        got = b""
        while not got.endswith(b"pale ale"):
            more = wire.recv(65536)
            self.assertTrue(more, "the connection ended")
            got += more
        self.assertTrue(got.startswith(b"HTTP/1.1 200 "), got[:100])

    def test_10000_idle_connections_cost_little_and_keep_nobody_out(self):
        where = (self.where.hostname, self.where.port)
        before = self.resident()
        held = [socket.create_connection(where, timeout=30) for _ in range(self.idle)]
        try:
            self.ask_by(held[-1])  # all are accepted now
            each = (self.resident() - before) / len(held)
            print(f"\n{len(held)} idle connections: {each / 1024:.1f} KiB each")
            self.assertLess(each, MOST_BYTES_PER_IDLE)
            with socket.create_connection(where, timeout=30) as late:
                self.ask_by(late)
            for wire in (held[0], held[len(held) // 2], held[-1]):  # held, not forgotten
                self.ask_by(wire)
        finally:
            for wire in held:
                wire.close()

    def test_1000_clients_at_once_are_all_answered(self):
        async def run():
            clients = [await self.connect() for _ in range(CLIENTS)]
            took = []

            async def client(reader, writer):
                began = time.monotonic()
                for _ in range(ROUNDS):
                    await self.ask(reader, writer)
                took.append(time.monotonic() - began)

            await asyncio.wait_for(asyncio.gather(*(client(*c) for c in clients)), 120)
            for _, writer in clients:
                writer.transport.abort()
            ratio = max(took) / statistics.median(took)
            print(f"\n{len(took)} clients, {ROUNDS} requests each: median {statistics.median(took):.2f} s, "
                  f"slowest {max(took):.2f} s, {ratio:.2f} times the median")
            self.assertEqual(len(took), CLIENTS)
            self.assertLess(ratio, 10, "nobody waits much longer than the others")
        asyncio.run(run())


if __name__ == "__main__":
    unittest.main()
