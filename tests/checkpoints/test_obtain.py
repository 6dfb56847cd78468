"""Published weights got, added and verified: what ends up in the cache, and what never does."""

import dataclasses
import hashlib
import threading

import numpy as np
import pytest
import safetensors.numpy
from planted import planted_arrays
from published import publishing

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints import cache, download, obtain, sources
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checks import InputError

NAME = "squeezenet1_1.imagenet"
CONTENT = safetensors.numpy.save(planted_arrays(ARCHITECTURES["squeezenet1_1"], "features.0."))
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def publish(monkeypatch):
    """Changes the record of ``NAME``."""
    known = dict(sources.sources())

    def publish(**changes):
        known[NAME] = dataclasses.replace(known[NAME], **changes)

    monkeypatch.setattr(sources, "sources", lambda: known)
    return publish


@pytest.fixture
def publisher(publish):
    with publishing(CONTENT) as found:
        publish(address=found.address, sha256=DIGEST[:8], size=len(CONTENT), verified="by a test")
        yield found


def refusal(function, *arguments):
    with pytest.raises(InputError) as caught:
        function(*arguments)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def files(folder):
    """All files below a folder but locks, which are empty."""
    below = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in below if path.parts[0] != "locks")


def test_get_puts_weights_where_their_name_finds_them(publisher, empty_cache):
    assert f"`jaxiqa weights get {NAME}`" in refusal(load_net, NAME)
    said = []
    path = obtain.get(NAME, say=said.append)
    assert path == empty_cache / "weights" / NAME
    net = load_net(NAME)
    kernel = safetensors.numpy.load(CONTENT)["features.0.weight"]
    np.testing.assert_array_equal(
        net.variables["params"]["conv1"]["kernel"], kernel.transpose(2, 3, 1, 0)
    )
    assert (net.name, net.source) == (NAME, f"sha256 {DIGEST}")
    assert obtain.verify(NAME)["source"] == {"file": "net-00000000.pth", "sha256": DIGEST}
    assert all(name.startswith(f"weights/{NAME}/") for name in files(empty_cache))
    assert [line.partition(" (")[0] for line in said] == [
        "a partial checkpoint: 50 arrays are missing"
    ]
    # Once there, nothing is asked of the server again.
    assert obtain.get(NAME) == path
    assert publisher.asked == [None]


def test_a_download_broken_in_the_middle_goes_on(publisher, empty_cache):
    publisher.breaks = [2000] * 20
    message = refusal(obtain.get, NAME)
    assert "breaks after 2,000 bytes" in message
    (left,) = files(empty_cache)
    assert left.endswith(".part")
    assert f"`jaxiqa weights get {NAME}`" in refusal(load_net, NAME)
    publisher.breaks, publisher.asked = [], []
    obtain.get(NAME)
    assert publisher.asked == ["bytes=2000-"]
    assert obtain.verify(NAME)


def test_a_start_of_another_edition_is_fetched_again(publisher, empty_cache):
    part = cache.download(sources.source(NAME)).with_name("net-00000000.pth.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 2000)
    obtain.get(NAME)
    assert publisher.asked == ["bytes=2000-", None]
    assert obtain.verify(NAME)["source"]["sha256"] == DIGEST


@pytest.mark.parametrize(
    ("content", "what"), [(b"x" * 2000, "another file"), (b"\n<!DOCTYPE html>..", "a web page")]
)
def test_a_wrong_digest_is_never_read_and_leaves_nothing(
    publisher, publish, empty_cache, monkeypatch, content, what
):
    publisher.content = content
    publish(size=0)
    monkeypatch.setattr(obtain, "convert", lambda *arguments: pytest.fail("it was read"))
    message = refusal(obtain.get, NAME)
    assert f"gave {what} of sha256 {hashlib.sha256(content).hexdigest()}" in message
    assert f"should begin with {DIGEST[:8]}" in message
    assert files(empty_cache) == []


def test_an_md5_is_verified_where_no_other_digest_is_published(publisher, publish, empty_cache):
    publish(sha256="", md5="0" * 32)
    came = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert f"another file of md5 {came}, which should be 000" in refusal(obtain.get, NAME)
    assert files(empty_cache) == []
    publish(md5=came)
    said = []
    obtain.get(NAME, say=said.append)
    assert not any("digest" in line for line in said)


def offline(publish, publisher):
    publish(address="http://127.0.0.1:9/models/net-00000000.pth")


def gone(publish, publisher):
    publisher.status = 404


@pytest.mark.parametrize(("fault", "why"), [(offline, "no connection"), (gone, "answers 404")])
def test_without_the_file_it_says_which_to_fetch_and_where_to_put_it(
    publisher, publish, empty_cache, fault, why
):
    fault(publish, publisher)
    message = refusal(obtain.get, NAME)
    assert why in message
    place = empty_cache / "downloads" / NAME / "net-00000000.pth"
    assert f"fetch {sources.source(NAME).address} elsewhere, put it at {place}" in message
    place.write_bytes(CONTENT[:-1])
    assert f"{place} is not the file of {NAME}" in refusal(obtain.get, NAME)
    place.write_bytes(CONTENT)
    obtain.get(NAME)
    assert obtain.verify(NAME)["source"]["sha256"] == DIGEST
    # What the user put there is the user's.
    assert place.exists()


def test_two_at_once_fetch_once(publisher):
    ended, said = [], []
    threads = [
        threading.Thread(target=lambda: ended.append(obtain.get(NAME, say=said.append)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ended)) == 1
    assert len(ended) == 2
    assert publisher.asked == [None]
    assert f"waiting for another jaxiqa that is getting {NAME}" in said
    assert obtain.verify(NAME)


def test_what_the_publisher_says_nothing_of_is_told(publisher, publish):
    publish(verified="", sha256="")
    said = []
    obtain.get(NAME, say=said.append)
    assert said[0] == f"the address of {NAME} is unverified: {publisher.address}"
    assert said[1].endswith(f"gives no digest; this file has sha256 {DIGEST}")


def test_add_takes_the_publishers_file_and_no_other(publisher, tmp_path, empty_cache):
    path = tmp_path / "under another name"
    path.write_bytes(CONTENT + b" ")
    assert f"{path} is not the file of {NAME}" in refusal(obtain.add, path, NAME)
    assert files(empty_cache) == []
    path.write_bytes(CONTENT)
    assert obtain.add(path, NAME) == cache.converted(NAME)
    assert load_net(NAME).source == f"sha256 {DIGEST}"
    assert publisher.asked == []
    assert path.exists()
    assert "is there already; remove " in refusal(obtain.add, path, NAME)
    assert "does not exist" in refusal(obtain.add, tmp_path / "no.pth", "alexnet.imagenet")


def test_verify_notices_damage_and_weights_of_another_file(publisher, publish):
    assert f"`jaxiqa weights get {NAME}`" in refusal(obtain.verify, NAME)
    path = obtain.get(NAME)
    publish(sha256="12345678")
    message = refusal(obtain.verify, NAME)
    assert f"sha256 {DIGEST} and 12345678 is published" in message
    largest = max((p for p in path.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[len(raw) // 2] ^= 1
    largest.write_bytes(raw)
    assert "are damaged" in refusal(obtain.verify, NAME)
    assert "are damaged" in refusal(load_net, NAME)


def test_a_file_that_does_not_fit_leaves_the_download_and_no_weights(publisher, publish):
    content = safetensors.numpy.save({"a": np.zeros(3, np.float32)})
    publisher.content = content
    publish(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    assert "does not fit squeezenet1_1" in refusal(obtain.get, NAME)
    assert not cache.converted(NAME).exists()


@pytest.mark.parametrize("function", [obtain.get, obtain.verify])
def test_unknown_names(function):
    assert "did you mean 'alexnet.imagenet'" in refusal(function, "alexnet.imagnet")
    assert "unknown set of weights 'alexnet'" in refusal(function, "alexnet")


def test_nothing_is_fetched_for_a_net_that_is_not_there(publisher, publish, empty_cache):
    publish(architecture="squeezenet1_2")
    message = refusal(obtain.get, NAME)
    assert "of architecture squeezenet1_2, which this version has not" in message
    assert "which this version has not" in refusal(obtain.add, "no.pth", NAME)
    assert publisher.asked == []
    assert not list(empty_cache.iterdir())


def test_a_bare_architecture_is_not_taken_for_a_training(publisher):
    obtain.get(NAME)
    assert "needs weights" in refusal(load_net, "squeezenet1_1")


def test_a_cache_that_cannot_be_written(publisher, monkeypatch, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    monkeypatch.setenv("JAXIQA_CACHE", str(path))
    assert f"cannot write to {path}" in refusal(obtain.get, NAME)


def test_the_cache_is_where_the_variable_says_or_the_users(monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", "~/weights here")
    assert cache.folder().name == "weights here"
    assert cache.folder().is_absolute()
    monkeypatch.setenv("JAXIQA_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/caches")
    assert cache.folder().name == "jaxiqa"
