"""A server that speaks the protocol of Redis, as the server of CACHE_URL."""

import threading
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

KEPT = {}  # the value of each key


class FakeRedis(StreamRequestHandler):
    """The commands that the application uses. Entries never expire."""

    def handle(self):
        while first := self.rfile.readline():
            words = [self.word() for _number in range(int(first[1:]))]
            self.wfile.write(self.answer(words[0].decode().upper(), words[1:]))

    def word(self):
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]

    def answer(self, command, words):
        if command == "HELLO":
            return b"%1\r\n+proto\r\n:3\r\n"
        if command == "SET":
            if b"NX" in words and words[0] in KEPT:
                return b"_\r\n"
            KEPT[words[0]] = words[1]
        elif command == "GET":
            value = KEPT.get(words[0])
            return b"_\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
        elif command == "DEL":
            return b":%d\r\n" % (KEPT.pop(words[0], None) is not None)
        elif command == "EXISTS":
            return b":%d\r\n" % (words[0] in KEPT)
        elif command == "INCRBY":
            KEPT[words[0]] = b"%d" % (int(KEPT[words[0]]) + int(words[1]))
            return b":%s\r\n" % KEPT[words[0]]
        return b"+OK\r\n"


@contextmanager
def start_fake_redis():
    """Start an empty server on loopback. Yields its CACHE_URL."""
    KEPT.clear()
    with ThreadingTCPServer(("127.0.0.1", 0), FakeRedis) as server:
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()
        thread.join()
