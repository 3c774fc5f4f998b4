from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from routing.maps.downloading import fetch
from routing.maps.errors import MapError

CONTENT = bytes(range(256)) * 4000  # a megabyte
NAME = "area.osm.pbf"


@dataclass
class Shop:
    """A server with one file: what it serves, how it fails, and what it was asked for."""

    content: bytes = CONTENT
    etag: str = '"one"'
    md5: str | None = field(default_factory=lambda: hashlib.md5(CONTENT).hexdigest())
    cut_after: int | None = None
    resumes: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


@contextmanager
def shop(**how: object) -> Iterator[Shop]:
    store = Shop(**how)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".md5"):
                self._md5()
                return
            wanted = self.headers.get("Range")
            store.asked.append(wanted)
            if store.status != 200:
                self.send_error(store.status)
                return
            begin = 0
            if wanted and store.resumes and self.headers.get("If-Range") == store.etag:
                begin = int(wanted.removeprefix("bytes=").rstrip("-"))
                if begin >= len(store.content):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(store.content)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{len(store.content) - 1}/{len(store.content)}")
            else:
                self.send_response(200)
            self.send_header("ETag", store.etag)
            self.send_header("Content-Length", str(len(store.content) - begin))
            self.end_headers()
            self.wfile.write(store.content[begin:store.cut_after])

        def _md5(self) -> None:
            if store.md5 is None:
                self.send_error(404)
                return
            text = f"{store.md5}  {NAME}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    store.url = f"http://127.0.0.1:{server.server_address[1]}/europe/{NAME}"
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_file_is_fetched_whole_and_checked(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with shop() as store:
        found = fetch(store.url, tmp_path, lambda done, total: seen.append((done, total)))
    assert (found.path, found.size, found.resumed_at, found.checked) == (tmp_path / NAME, len(CONTENT), 0, True)
    assert found.path.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (seen[0], seen[-1]) == ((0, len(CONTENT)), (len(CONTENT), len(CONTENT)))


def test_a_file_without_a_published_checksum_is_taken_as_it_is(tmp_path: Path) -> None:
    with shop(md5=None) as store:
        assert not fetch(store.url, tmp_path).checked


def test_a_download_that_was_cut_off_goes_on_where_it_ended(tmp_path: Path) -> None:
    with shop(cut_after=300_000) as store:
        with pytest.raises(MapError, match="the connection ended after 300000 of 1024000 bytes; fetch again to go on"):
            fetch(store.url, tmp_path)
        assert not (tmp_path / NAME).exists()
        store.cut_after = None
        found = fetch(store.url, tmp_path)
        assert store.asked == [None, "bytes=300000-"]
    assert (found.resumed_at, found.path.read_bytes()) == (300_000, CONTENT)


def test_a_new_version_is_fetched_from_its_beginning(tmp_path: Path) -> None:
    newer = CONTENT[::-1]
    with shop(cut_after=300_000) as store:
        with pytest.raises(MapError):
            fetch(store.url, tmp_path)
        store.cut_after, store.content, store.etag, store.md5 = None, newer, '"two"', hashlib.md5(newer).hexdigest()
        found = fetch(store.url, tmp_path)
    assert (found.resumed_at, found.path.read_bytes()) == (0, newer)


def test_a_server_that_cannot_go_on_is_asked_for_the_whole(tmp_path: Path) -> None:
    with shop(cut_after=300_000, resumes=False) as store:
        with pytest.raises(MapError):
            fetch(store.url, tmp_path)
        store.cut_after = None
        assert fetch(store.url, tmp_path).resumed_at == 0
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_half_a_file_of_another_address_is_not_gone_on_with(tmp_path: Path) -> None:
    with shop(cut_after=300_000) as store, shop() as other:
        with pytest.raises(MapError):
            fetch(store.url, tmp_path)
        fetch(other.url, tmp_path)
        assert other.asked == [None]


def test_a_whole_part_is_not_fetched_again(tmp_path: Path) -> None:
    with shop(md5="0" * 32) as store:
        store.cut_after = 300_000
        with pytest.raises(MapError):
            fetch(store.url, tmp_path)
        (tmp_path / f"{NAME}.part").write_bytes(CONTENT)
        store.md5 = hashlib.md5(CONTENT).hexdigest()
        assert fetch(store.url, tmp_path).resumed_at == len(CONTENT)
        assert store.asked[1:] == [f"bytes={len(CONTENT)}-"]
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    with shop(cut_after=300_000) as store:
        with pytest.raises(MapError):
            fetch(store.url, tmp_path)
        (tmp_path / f"{NAME}.part").write_bytes(CONTENT + b"more")
        store.cut_after = None
        assert fetch(store.url, tmp_path).resumed_at == 0
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_a_file_with_another_checksum_is_thrown_away_and_the_old_one_kept(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"the old one")
    with shop(md5="0" * 32) as store, pytest.raises(MapError, match="the checksum is not the published one"):
        fetch(store.url, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME).read_bytes() == b"the old one"


def test_an_error_of_the_server_is_named(tmp_path: Path) -> None:
    with shop(status=503) as store, pytest.raises(MapError, match="the server answers 503 Service Unavailable"):
        fetch(store.url, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with shop() as store:
        url = store.url
    with pytest.raises(MapError, match="connection refused"):
        fetch(url, tmp_path)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "area.osm.pbf", "https://example.org/", "ftp://a/b.osm.pbf"])
def test_only_web_addresses_of_files_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(MapError, match="is no address of a file"):
        fetch(url, tmp_path)
