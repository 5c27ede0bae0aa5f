"""A proxy that breaks what passes through it in every way that a network and its boxes do.

usage: python -m tests.durability.proxy UPSTREAM SEED SHARE [--without-keys]

SHARE of the requests, between 0 and 1, are broken. With `--without-keys` each request reaches the
server under a key of its own, as if the client had none: the negative control. Prints its address
when it listens, and what it did as JSON when its standard input is closed.
"""

import http.client
import json
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.faulty_server import Reply, Request, serving

SILENCE = 0.6
"""Seconds for which an answer is kept back: longer than the client of these tests waits."""


class Proxy:
    """Forwards requests, and breaks a share of them by chance."""

    def __init__(self, upstream: str, seed: int, share: float, *, keys: bool) -> None:
        self._host = urlsplit(upstream).netloc
        self._chance = random.Random(seed)
        self._share = share
        self._keys = keys
        self._gate = threading.Lock()
        self._late: list[Request] = []
        self.did: Counter[str] = Counter()
        self._faults: dict[str, Callable[[Request], Reply]] = {
            "reset before it arrived": lambda _: Reply(reset=True),
            "reset after it arrived": self._reset_after,
            "truncated answer": self._truncated,
            "delivered twice": self._twice,
            "delivered again later": self._again_later,
            "answer kept back": self._silent,
            "429": lambda _: _problem(429, "slow-down", Retry_After="1"),
            "503 after it arrived": self._down_after,
            "502 of a box": lambda _: _bad_gateway(),
            "502 after it arrived": self._bad_gateway_after,
            "garbage after it arrived": self._garbage_after,
            "an empty success": self._empty_success,
        }

    def __call__(self, request: Request) -> Reply:
        with self._gate:
            broken = self._chance.random() < self._share
            name = self._chance.choice(list(self._faults)) if broken else "as it is"
            late = self._late.pop(0) if self._late and self._chance.random() < 0.5 else None
            self.did[name] += 1
        if late is not None:
            self._forward(late)
        return self._faults[name](request) if broken else self._forward(request)

    def _forward(self, request: Request) -> Reply:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in ("host", "connection", "content-length")
        }
        key, instead = headers.get("idempotency-key", ""), str(uuid.uuid4())
        without_key = bool(key) and not self._keys
        if without_key:
            headers |= {"idempotency-key": instead, "accept-encoding": "identity"}
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(request.method, request.target, request.body or None, headers)
            answer = connection.getresponse()
            kept = {
                name: value
                for name, value in answer.getheaders()
                if name.lower() not in ("content-length", "connection", "transfer-encoding")
            }
            body = answer.read()
            if without_key:
                body = body.replace(instead.encode(), key.encode())
            return Reply(answer.status, body, kept)
        finally:
            connection.close()

    # --- Faults ---

    def _reset_after(self, request: Request) -> Reply:
        self._forward(request)
        return Reply(reset=True)

    def _truncated(self, request: Request) -> Reply:
        answer = self._forward(request)
        head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(answer.body)}\r\n\r\n"
        return Reply(raw=[head.encode() + answer.body[: len(answer.body) // 2]])

    def _twice(self, request: Request) -> Reply:
        self._forward(request)
        return self._forward(request)

    def _again_later(self, request: Request) -> Reply:
        with self._gate:
            self._late.append(request)
        return self._forward(request)

    def _silent(self, request: Request) -> Reply:
        answer = self._forward(request)
        time.sleep(SILENCE)
        return answer

    def _down_after(self, request: Request) -> Reply:
        self._forward(request)
        return _problem(503, "slow-down", Retry_After="0")

    def _bad_gateway_after(self, request: Request) -> Reply:
        self._forward(request)
        return _bad_gateway()

    def _garbage_after(self, request: Request) -> Reply:
        self._forward(request)
        with self._gate:
            body = self._chance.randbytes(self._chance.randrange(1, 400))
        return Reply(201, body, {"Content-Type": "application/json"})

    def _empty_success(self, request: Request) -> Reply:
        return Reply(201, b"{}", {"Content-Type": "application/json"})


def _bad_gateway() -> Reply:
    return Reply(502, b"<html>Bad gateway", {"Content-Type": "text/html"})


def _problem(status: int, kind: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"type": f"/problems/{kind}", "status": status}).encode()
    return Reply(status, body, {"Content-Type": "application/problem+json"} | named)


def main(upstream: str, seed: str, share: str, *more: str) -> None:
    proxy = Proxy(upstream, int(seed), float(share), keys="--without-keys" not in more)
    with serving(proxy) as server:
        print(server.origin, flush=True)
        sys.stdin.read()
    print(json.dumps(proxy.did))


if __name__ == "__main__":
    main(*sys.argv[1:])
