"""A travel server on the loopback that speaks both dialects and can be told to misbehave."""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Place = tuple[float, float]


def way_s(a: Place, b: Place) -> float:
    """Seconds that tell one way, and its direction, from another."""
    return round(abs(a[0] - b[0]) * 10_000 + abs(a[1] - b[1]) * 7_000 + (25 if a > b else 0), 3)


def way_m(a: Place, b: Place) -> float:
    return way_s(a, b) * 11.1


class FakeServer:
    """`mood` answers instead of the table when it is set: a status, raw bytes, or seconds to wait."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.bodies: list[Any] = []
        self.paths: list[str] = []
        self.unreachable: set[tuple[Place, Place]] = set()
        self.off_map: set[Place] = set()
        self.far: set[Place] = set()
        self.mood: Callable[[int], int | bytes | float | None] = lambda number: None
        self.url = ""

    def table(self, sources: list[Place], targets: list[Place]) -> list[list[tuple[float, float] | None]]:
        return [[None if (a, b) in self.unreachable else (way_s(a, b), way_m(a, b)) for b in targets] for a in sources]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeServer

    def log_message(self, *_args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.fake.bodies.append(body)
        sides = [[(place["lat"], place["lon"]) for place in body[side]] for side in ("sources", "targets")]
        table = self._begin(*sides)
        if table is not None:
            rows: list[Any] = [
                [{"time": None, "distance": None} if cell is None else
                 {"time": cell[0], "distance": cell[1] / 1000, "from_index": a, "to_index": b}
                 for b, cell in enumerate(row)] for a, row in enumerate(table)]
            self._send(200, json.dumps({"sources_to_targets": rows, "units": "kilometers"}).encode())

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        parts = dict(part.split("=") for part in query.split("&"))
        places = [(float(lat), float(lon)) for lon, lat in
                  (place.split(",") for place in path.rsplit("/", 1)[1].split(";"))]
        sides = [[places[int(number)] for number in parts[side].split(";")] for side in ("sources", "destinations")]
        table = self._begin(*sides)
        if table is not None:
            ways = [[{"distance": 900.0 if place in self.fake.far else 4.0, "location": [place[1], place[0]]}
                     for place in side] for side in sides]
            self._send(200, json.dumps({
                "code": "Ok", "sources": ways[0], "destinations": ways[1],
                "durations": [[cell and cell[0] for cell in row] for row in table],
                "distances": [[cell and cell[1] for cell in row] for row in table]}).encode())

    def _begin(self, sources: list[Place], targets: list[Place]) -> list[list[tuple[float, float] | None]] | None:
        self.fake.asked.append((len(sources), len(targets)))
        self.fake.paths.append(self.path)
        mood = self.fake.mood(len(self.fake.asked))
        if isinstance(mood, float):
            time.sleep(mood)
            self.close_connection = True
            return None
        if mood is not None:
            self._send(*(mood, b"{}") if isinstance(mood, int) else (200, mood))
            return None
        if self.fake.off_map & {*sources, *targets}:
            self._send(400, b'{"code": "NoSegment", "error_code": 171}')
            return None
        return self.fake.table(sources, targets)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


@contextmanager
def travel_server() -> Iterator[FakeServer]:
    """A running server; gone afterwards."""
    fake = FakeServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
