"""Files fetched from a server that breaks, refuses, lies and is not there."""

import numpy as np
import pytest
from published import publishing

from jaxiqa.checkpoints import download
from jaxiqa.checkpoints.download import fetch
from jaxiqa.checks import InputError

CONTENT = np.random.default_rng(0).bytes(700_000)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def publisher():
    with publishing(CONTENT) as found:
        yield found


@pytest.fixture
def part(tmp_path):
    return tmp_path / "a folder" / "net.pth.part"


def refusal(*arguments, **options):
    with pytest.raises(InputError) as caught:
        fetch(*arguments, **options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_whole(publisher, part):
    told = []
    assert fetch(publisher.address, part, progress=lambda *now: told.append(now)) == part
    assert part.read_bytes() == CONTENT
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert sorted(told) == told
    assert publisher.asked == [None]


def test_broken_connections_go_on_where_they_broke(publisher, part):
    publisher.breaks = [300_000, 300_001, 650_000]
    fetch(publisher.address, part, size=len(CONTENT))
    assert part.read_bytes() == CONTENT
    assert publisher.asked == [None, "bytes=300000-", "bytes=300001-", "bytes=650000-"]


def test_a_connection_that_brings_nothing_is_given_up_and_what_came_is_kept(publisher, part):
    publisher.breaks = [1000] * 9
    message = refusal(publisher.address, part)
    assert "breaks after 1,000 bytes" in message
    assert part.read_bytes() == CONTENT[:1000]
    assert len(publisher.asked) == 1 + download.TRIES
    publisher.breaks = []
    fetch(publisher.address, part)
    assert part.read_bytes() == CONTENT
    assert publisher.asked[-1] == "bytes=1000-"


def test_a_server_without_ranges_sends_all_again(publisher, part):
    publisher.ranges, publisher.breaks = False, [300_000]
    fetch(publisher.address, part)
    assert part.read_bytes() == CONTENT


def test_what_is_whole_already_is_not_fetched_again(publisher, part):
    fetch(publisher.address, part)
    fetch(publisher.address, part)
    assert part.read_bytes() == CONTENT


def test_more_than_the_file_has_is_thrown_away(publisher, part):
    part.parent.mkdir()
    part.write_bytes(CONTENT + b"more")
    fetch(publisher.address, part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 403, 500])
def test_an_answer_that_is_no_file(publisher, part, status):
    publisher.status = status
    assert f"{publisher.address}: the server answers {status}" in refusal(publisher.address, part)
    assert not part.exists() or not part.stat().st_size


def test_another_size_than_expected(publisher, part):
    assert "holds 700,000 bytes and should hold about 5" in refusal(publisher.address, part, size=5)


def test_no_space(publisher, part, monkeypatch):
    monkeypatch.setattr(
        download.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000})
    )
    assert "700,000 bytes are needed and 1,000 are free" in refusal(publisher.address, part)


def test_no_network(publisher, part):
    nobody = "http://127.0.0.1:9/net.pth"
    assert f"{nobody}: no connection (" in refusal(nobody, part)
    assert "no connection" in refusal("http://no-such-host.invalid/net.pth", part)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a/b", "net.pth", ""])
def test_only_http(part, address):
    assert "is no http address" in refusal(address, part)
