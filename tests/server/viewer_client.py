"""A viewer's end of the WebSocket, for tests."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import ClassVar
from urllib.parse import urlencode

from live_server import API, TOKEN
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from dsa110_vis.server.frames import pack, unpack

SECONDS = 40


class Client:
    """Asks, and keeps what it is told meanwhile."""

    present: ClassVar[list[Client]] = []

    def __init__(self, socket):
        self.socket = socket
        self.events = []
        self.over = False
        self.present.append(self)
        self._numbers = itertools.count()

    @classmethod
    async def open(cls, server, headers=None, **query):
        url = f"ws://127.0.0.1:{server.port}{API}/ws?{urlencode(query)}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}", **(headers or {})})
        return cls(await websocket_connect(request))

    async def next(self):
        """The next message and its buffers; None when the connection has ended."""
        frame = await asyncio.wait_for(self.socket.read_message(), SECONDS)
        self.over = frame is None
        return None if frame is None else unpack(frame)

    async def say(self, op, buffers=(), **params):
        ident = f"q{next(self._numbers)}"
        await self.socket.write_message(
            pack({"kind": "request", "id": ident, "op": op, "params": params}, buffers), binary=bool(buffers)
        )
        return ident

    async def ask(self, op, buffers=(), **params):
        """Ask, and give the answer and its buffers."""
        return await self.answer(await self.say(op, buffers, **params))

    async def answer(self, ident):
        while (found := await self.next()) is not None:
            message, buffers = found
            if message["kind"] == "response" and message["id"] == ident:
                return message, buffers
            self.events.append(message)
        raise AssertionError(self.closed)

    async def event(self, name):
        """Wait for an event; those that have come already count."""
        while True:
            for message in self.events:
                if message.get("event") == name:
                    self.events.remove(message)
                    return message["data"]
            found = await self.next()
            if found is None:
                raise AssertionError(self.closed)
            self.events.append(found[0])

    async def end(self):
        """Read to the end; gives the code and the reason."""
        while (found := await self.next()) is not None:
            self.events.append(found[0])
        return self.closed

    @property
    def closed(self):
        reason = self.socket.close_reason
        return self.socket.close_code, json.loads(reason) if reason and reason.startswith("{") else None

    def close(self):
        self.socket.close()

    @classmethod
    async def leave(cls):
        """Close all connections, and wait until they are."""
        while cls.present:
            client = cls.present.pop()
            client.close()
            while not client.over and await client.next() is not None:
                pass


def run(story):
    """Run a story about some viewers, and close what it has opened."""

    async def whole():
        try:
            return await asyncio.wait_for(story, 120)
        finally:
            await Client.leave()

    return asyncio.run(whole())
