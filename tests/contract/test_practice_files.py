"""Attachments with ranges and digests, what is never fetched, uploads (contract, section 2)."""

import hashlib
from base64 import b64encode

import pytest

from tests.contract.hand import Hand, Json, pointers, problem


@pytest.fixture
def files(me: Hand) -> list[Json]:
    return [file for case in me.cases() for file in case.get("attachments", [])]


def test_the_bytes_are_what_the_label_says(me: Hand, files: list[Json]) -> None:
    fetched = 0
    for file in files:
        if file["graphic"]["category"] == "csam":
            continue
        answer = me.http.get(f"/v1/attachments/{file['id']}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == file["media_type"]
        digest = hashlib.sha256(answer.content)
        assert digest.hexdigest() == file["sha256"]
        assert answer.headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
        assert len(answer.content) == file["size"]
        fetched += 1
    assert fetched > 5


def test_what_is_never_fetched(me: Hand, files: list[Json]) -> None:
    (file, *_) = [one for one in files if one["graphic"]["category"] == "csam"]
    assert problem(me.http.get(f"/v1/attachments/{file['id']}")) == (403, "forbidden")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, -1),
        ("bytes=-5", -5, -1),
        ("bytes=5-99999999", 5, -1),
    ],
)
def test_ranges(me: Hand, files: list[Json], asked: str, first: int, last: int) -> None:
    path = f"/v1/attachments/{files[0]['id']}"
    whole = me.http.get(path)
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(whole.content)
    part = me.http.get(path, headers={"Range": asked})
    start, end = first % size, last % size
    assert part.status_code == 206
    assert part.content == whole.content[start : end + 1]
    assert part.headers["content-range"] == f"bytes {start}-{end}/{size}"
    assert part.headers["repr-digest"] == whole.headers["repr-digest"]


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "bytes=-", "nonsense"]
)
def test_what_is_no_single_range_brings_everything(me: Hand, files: list[Json], asked: str) -> None:
    path = f"/v1/attachments/{files[0]['id']}"
    assert me.http.get(path, headers={"Range": asked}).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_outside_of_the_file(me: Hand, files: list[Json], asked: str) -> None:
    refused = me.http.get(f"/v1/attachments/{files[0]['id']}", headers={"Range": asked})
    assert refused.status_code == 416
    assert refused.headers["content-range"] == f"bytes */{files[0]['size']}"


def test_a_range_of_another_representation(me: Hand, files: list[Json]) -> None:
    path = f"/v1/attachments/{files[0]['id']}"
    tag = me.http.get(path).headers["etag"]
    headers = {"Range": "bytes=0-1", "If-Range": tag}
    assert me.http.get(path, headers=headers).status_code == 206
    assert me.http.get(path, headers=headers | {"If-Range": '"old"'}).status_code == 200


def test_files_of_hidden_cases_are_hidden(me: Hand) -> None:
    assert problem(me.http.get("/v1/attachments/f_none")) == (404, "not-found")


def test_uploads(me: Hand) -> None:
    content = bytes(range(256))
    sha256 = hashlib.sha256(content).hexdigest()
    wrong = me.http.put(f"/v1/uploads/{'0' * 64}", content=content)
    assert problem(wrong) == (422, "invalid")
    assert pointers(wrong) == ["/sha256"]
    assert me.http.put(f"/v1/uploads/{sha256}", content=content).status_code == 201
    assert me.http.put(f"/v1/uploads/{sha256}", content=content).status_code == 200
    large = b"0" * ((25 << 20) + 1)
    refused = me.http.put(f"/v1/uploads/{hashlib.sha256(large).hexdigest()}", content=large)
    assert problem(refused) == (413, "too-large")
    assert refused.json()["limit"] == 25 << 20
