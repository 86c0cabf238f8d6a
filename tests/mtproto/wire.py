"""MTProto 2.0 as a server speaks it: framing, key exchange, encryption, containers, acks, salts.

The bytes on the wire are the genuine protocol; TL objects are read and written by Telethon's own generated code, so the
server always speaks the layer of the installed client.
"""

import asyncio
import gzip
import os
import struct
import tempfile
import time
from functools import cache
from hashlib import sha1, sha256
from pathlib import Path
from zlib import crc32

import rsa
from telethon.crypto import AES, AESModeCTR, AuthKey
from telethon.crypto import rsa as telethon_rsa
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import functions as f
from telethon.tl import types as t
from telethon.tl.core import GzipPacked, MessageContainer

# The 2048-bit safe prime that Telegram publishes and every client knows.
DH_PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f"
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754"
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)
PQ = 0x17ED48941A08F981  # 1229739323 * 1402015859
RESULT, NOTIFICATION = 1, 3


@cache
def server_key():
    """The server's RSA key: made on first use (a few seconds), kept for later runs on this machine."""
    path = Path(tempfile.gettempdir()) / f"marqab-tests-{os.getuid()}-mtproto.pem"
    try:
        return rsa.PrivateKey.load_pkcs1(path.read_bytes())
    except (OSError, ValueError):
        _, private = rsa.newkeys(2048)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(0o600)
        fresh.write_bytes(private.save_pkcs1())
        fresh.replace(path)
        return private


class Vector(list):
    """A bare `Vector<T>` as an answer."""

    def __bytes__(self):
        return struct.pack("<Ii", 0x1CB5C415, len(self)) + b"".join(bytes(each) for each in self)


class Framing:
    """Detects and speaks the client's transport: full, abridged, intermediate, padded, each also obfuscated."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.decoder = self.encoder = None
        self.kind, self.sent, self._pending = None, 0, b""

    async def _read(self, count):
        raw = await self.reader.readexactly(count)
        return self.decoder.decrypt(raw) if self.decoder else raw

    def _write(self, raw):
        self.writer.write(self.encoder.encrypt(raw) if self.encoder else raw)

    async def detect(self):
        first = await self.reader.readexactly(1)
        if first == b"\xef":
            self.kind = "abridged"
            return
        head = first + await self.reader.readexactly(3)
        if head == b"\xee" * 4:
            self.kind = "intermediate"
            return
        if head == b"\xdd" * 4:
            self.kind = "padded"
            return
        head += await self.reader.readexactly(4)
        if head[4:] == b"\0\0\0\0":  # tcp full, sequence number 0
            self.kind, self._pending = "full", head
            return
        head += await self.reader.readexactly(56)  # obfuscated2
        reverse = head[8:56][::-1]
        self.decoder = AESModeCTR(head[8:40], head[40:56])
        self.encoder = AESModeCTR(reverse[:32], reverse[32:48])
        tag = self.decoder.decrypt(head)[56:60]
        self.kind = {b"\xef" * 4: "abridged", b"\xee" * 4: "intermediate", b"\xdd" * 4: "padded"}[tag]

    async def receive(self):
        if self.kind == "full":
            head, self._pending = self._pending or await self._read(8), b""
            (length,) = struct.unpack("<i", head[:4])
            body = await self._read(length - 8)
            if crc32(head + body[:-4]) != struct.unpack("<I", body[-4:])[0]:
                raise ConnectionError("crc")
            return body[:-4]
        if self.kind == "abridged":
            words = (await self._read(1))[0] & 0x7F
            if words == 0x7F:
                words = int.from_bytes(await self._read(3), "little")
            return await self._read(words * 4)
        length = struct.unpack("<i", await self._read(4))[0] & 0x7FFFFFFF
        body = await self._read(length)
        return body[: length - length % 4] if self.kind == "padded" else body

    def send(self, raw):
        if self.kind == "full":
            packet = struct.pack("<ii", len(raw) + 12, self.sent) + raw
            self.sent += 1
            self._write(packet + struct.pack("<I", crc32(packet)))
        elif self.kind == "abridged":
            words = len(raw) // 4
            self._write((bytes([words]) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + raw)
        else:
            self._write(struct.pack("<i", len(raw)) + raw)


class Connection:
    """One client's connection."""

    def __init__(self, server, reader, writer):
        self.server, self.framing, self.writer = server, Framing(reader, writer), writer
        self.auth_key = self.session_id = None
        self.wants_updates, self.content_count, self.last_id = False, 0, 0

    async def run(self):
        await self.framing.detect()
        while True:
            raw = await self.framing.receive()
            (key_id,) = struct.unpack("<Q", raw[:8])
            if key_id == 0:
                await self._handshake(raw)
                continue
            key = self.server.keys.get(key_id)
            if not key or self.server.forget_keys:
                self.framing.send(struct.pack("<i", -404))
                await self.writer.drain()
                continue
            self.auth_key = key
            await self._encrypted(raw)

    def close(self, abort=True):
        if abort:
            self.writer.transport.abort()
        else:
            self.writer.close()

    # key exchange
    def _plain(self, answer):
        body = bytes(answer)
        self.framing.send(struct.pack("<qqi", 0, self._new_id(RESULT), len(body)) + body)

    async def _handshake(self, raw):
        request = BinaryReader(raw[20:]).tgread_object()
        private = server_key()
        if isinstance(request, (f.ReqPqMultiRequest, f.ReqPqRequest)):
            self.nonce = request.nonce
            self.server_nonce = int.from_bytes(os.urandom(16), "big", signed=True)
            number = telethon_rsa.get_byte_array(PQ)
            self._plain(t.ResPQ(request.nonce, self.server_nonce, number, [self.server.fingerprint]))
        elif isinstance(request, f.ReqDHParamsRequest):
            self._plain(self._dh_parameters(request, private))
        elif isinstance(request, f.SetClientDHParamsRequest):
            inner = BinaryReader(AES.decrypt_ige(request.encrypted_data, *self.temporary)[20:]).tgread_object()
            shared = pow(int.from_bytes(inner.g_b, "big"), self.secret, DH_PRIME)
            key = AuthKey(telethon_rsa.get_byte_array(shared))
            self.server.keys[key.key_id] = key
            self.server.handshakes += 1
            self._plain(t.DhGenOk(self.nonce, self.server_nonce, key.calc_new_nonce_hash(self.new_nonce, 1)))
        await self.writer.drain()

    def _dh_parameters(self, request, private):
        block = pow(int.from_bytes(request.encrypted_data, "big"), private.d, private.n).to_bytes(256, "big")[1:]
        inner = BinaryReader(block[20:]).tgread_object()  # sha1, p_q_inner_data, padding
        if sha1(bytes(inner)).digest() != block[:20]:
            raise ConnectionError("bad p_q_inner_data")
        self.new_nonce = inner.new_nonce
        self.secret = int.from_bytes(os.urandom(256), "big") % DH_PRIME
        ours = pow(3, self.secret, DH_PRIME).to_bytes(256, "big")
        when = int(time.time() + self.server.clock_skew)
        answer = bytes(t.ServerDHInnerData(self.nonce, self.server_nonce, 3, DH_PRIME.to_bytes(256, "big"), ours, when))
        answer = sha1(answer).digest() + answer
        answer += os.urandom(-len(answer) % 16)
        self.temporary = generate_key_data_from_nonce(self.server_nonce, self.new_nonce)
        return t.ServerDHParamsOk(self.nonce, self.server_nonce, AES.encrypt_ige(answer, *self.temporary))

    # encrypted messages
    async def _encrypted(self, raw):
        key, message_key = self.auth_key.key, raw[8:24]
        body = AES.decrypt_ige(raw[24:], *MTProtoState._calc_key(key, message_key, True))
        if sha256(key[88:120] + body).digest()[8:24] != message_key:
            raise ConnectionError("message key")
        salt, session, number, sequence, length = struct.unpack("<qqqii", body[:32])
        ahead = (number >> 32) - (time.time() + self.server.clock_skew)
        if not -300 <= ahead <= 30:  # the client's clock is wrong
            self.session_id = session
            self.send(t.BadMsgNotification(number, sequence, 16 if ahead < 0 else 17), NOTIFICATION, content=False)
        elif salt != self.server.salt:
            self._meet(session, number)
            self.send(t.BadServerSalt(number, sequence, 48, self.server.salt), NOTIFICATION, content=False)
        else:
            self._meet(session, number)
            await self._dispatch(number, BinaryReader(body[32 : 32 + length]).tgread_object())
        await self.writer.drain()

    def _meet(self, session, number):
        if session != self.session_id:
            self.session_id, self.content_count = session, 0
            self.send(t.NewSessionCreated(number, session, self.server.salt), NOTIFICATION)

    async def _dispatch(self, number, request):
        if isinstance(request, MessageContainer):
            for each in request.messages:
                await self._dispatch(each.msg_id, each.obj)
        elif isinstance(request, GzipPacked):
            await self._dispatch(number, BinaryReader(request.data).tgread_object())
        elif isinstance(request, (f.PingRequest, f.PingDelayDisconnectRequest)):
            if not self.server.mute_pings:
                self.send(t.Pong(number, request.ping_id), RESULT)
        elif not isinstance(request, t.MsgsAck):
            self.server.spawn(self.server.call(self, number, request))

    # sending
    def _new_id(self, kind):
        now = time.time() + self.server.clock_skew
        number = (int(now) << 32 | int(now % 1 * 1e9) & ~3) & ~3 | kind
        if number <= self.last_id:
            number = (self.last_id & ~3) + 4 | kind
        self.last_id = number
        return number

    def _sequence(self, content):
        number = self.content_count * 2 + (1 if content else 0)
        self.content_count += bool(content)
        return number

    def send_raw(self, body, kind, content=True):
        head = struct.pack(
            "<qqqii", self.server.salt, self.session_id, self._new_id(kind), self._sequence(content), len(body)
        )
        inner = head + body
        inner += os.urandom(-(len(inner) + 12) % 16 + 12)
        key = self.auth_key.key
        message_key = sha256(key[96:128] + inner).digest()[8:24]
        sealed = AES.encrypt_ige(inner, *MTProtoState._calc_key(key, message_key, False))
        self.framing.send(struct.pack("<Q", self.auth_key.key_id) + message_key + sealed)

    def send(self, what, kind, content=True):
        self.send_raw(bytes(what), kind, content)

    def answer(self, number, what):
        body = bytes(what)
        if len(body) > 512:
            body = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + GzipPacked.serialize_bytes(gzip.compress(body, 1))
        self.send_raw(struct.pack("<Iq", 0xF35C6D01, number) + body, RESULT)


async def serve(server, reader, writer):
    """Run one connection until either side ends it; a bug in the server itself is kept for the test to see."""
    connection = Connection(server, reader, writer)
    if server.refuse:
        connection.close()
        return
    server.connections.add(connection)
    try:
        await connection.run()
    except (asyncio.IncompleteReadError, OSError):
        pass
    except Exception as error:
        server.errors.append(error)
    finally:
        server.connections.discard(connection)
        writer.close()
