"""Telling formats apart by content, digests, and the refusals that name a path."""

import hashlib
import os
import pathlib
import pickle
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from forged import mapping, storage, tensor, write
from forged_wire import blob, caffe, inner, layer, number, onnx
from forged_wire import tensor as onnx_tensor

from jaxiqa import checkpoints
from jaxiqa.checks import InputError

VALUES = np.arange(4, dtype=np.float32)
BODY = mapping({"w": tensor(storage("Float", "0", 4), (4,))})


def write_npz(path):
    with open(path, "wb") as file:
        np.savez(file, w=VALUES)


def write_h5(path):
    h5py = pytest.importorskip("h5py", reason="needs the extra keras")
    with h5py.File(path, "w") as root:
        root["w"] = VALUES


def write_keras(path):
    write_h5(path)
    with zipfile.ZipFile(inside := path.with_name("archive"), "w") as archive:
        archive.writestr("config.json", "{}")
        archive.write(path, "model.weights.h5")
    inside.replace(path)


def write_graph(path):
    """A node of TensorFlow's graph: a constant of four float32 numbers."""
    four = number(1, 1) + inner(2, inner(2, number(1, 4))) + inner(4, VALUES.tobytes())
    value = inner(5, inner(1, "value") + inner(2, inner(8, four)))
    path.write_bytes(inner(1, inner(1, "w") + inner(2, "Const") + value))


WRITERS = {
    "torch .pth (zip format)": lambda p: write("zip", p, BODY, {"0": VALUES.tobytes()}, {"0": 4}),
    "torch .pth (stream format)": lambda p: write(
        "stream", p, BODY, {"0": VALUES.tobytes()}, {"0": 4}
    ),
    "safetensors": lambda p: safetensors.numpy.save_file({"w": VALUES}, p),
    "npz": write_npz,
    "Keras .h5": write_h5,
    "Keras .keras": write_keras,
    "ONNX": lambda p: p.write_bytes(onnx(onnx_tensor("w", VALUES, 1))),
    "TensorFlow frozen .pb": write_graph,
    "Caffe .caffemodel": lambda p: p.write_bytes(caffe(layer("w", "Bias", blob(VALUES)))),
    "a folder of npy files": lambda p: (p.mkdir(), np.save(p / "w.npy", VALUES)),
}


def test_every_format_is_tested():
    assert set(WRITERS) == set(checkpoints.FORMATS)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("suffix", ["", ".pth", ".h5", ".safetensors", ".npz"])
def test_suffix_does_not_matter(tmp_path, form, suffix):
    path = tmp_path / f"net{suffix}"
    WRITERS[form](path)
    for given in (path, str(path)):
        found = checkpoints.read(given)
        assert list(found) == ["w.weight" if form == "Caffe .caffemodel" else "w"]
        np.testing.assert_array_equal(*found.values(), VALUES)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.module."])
def test_prefix_that_all_names_have_is_taken_off(tmp_path, prefix):
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({f"{prefix}w": VALUES, f"{prefix}module.b": VALUES}, path)
    assert set(checkpoints.read(path)) == {"w", "module.b"}
    safetensors.numpy.save_file({f"{prefix}w": VALUES, "b": VALUES}, path)
    assert set(checkpoints.read(path)) == {f"{prefix}w", "b"}


def refusal(path, ask=checkpoints.read):
    with pytest.raises(InputError) as caught:
        ask(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


OTHERS = {
    "TensorFlow Lite": b"\x1c\0\0\0TFL3" + bytes(40),
    "tar archive": b"sys_info" + bytes(249) + b"ustar\x0000" + bytes(300),
    "single .npy": b"\x93NUMPY\x01\x00" + bytes(100),
    "packed": b"\x1f\x8b\x08" + bytes(40),
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "web page": b"<!DOCTYPE html><html>",
    "plain Python pickle": pickle.dumps({"epoch": 3}),
    "MATLAB": b"MATLAB 5.0 MAT-file",
    "no known format": b"P6 640 480 255\n",
    "empty": b"",
    "zip archive": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_formats_are_called_by_name(tmp_path, kind):
    path = tmp_path / "net.pth"
    path.write_bytes(OTHERS[kind])
    message = refusal(path)
    assert kind in message
    assert "safetensors" in message


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("mlperf_tiny/vww_96_float.tflite", "TensorFlow Lite"),
        ("dists/alpha_beta.mat", "MATLAB"),
        ("sample_cat.jpg", "no known format"),
    ],
)
def test_real_files_of_other_formats(shared, file, kind):
    assert kind in refusal(shared / "data/weights" / file)


@pytest.mark.parametrize("ask", [checkpoints.read, checkpoints.digest])
def test_path_that_is_not_there(tmp_path, ask):
    (tmp_path / "alexnet.pth").write_bytes(b"")
    assert "does not exist, did you mean 'alexnet.pth'?" in refusal(tmp_path / "alexnt.pth", ask)
    assert "does not exist" in refusal(tmp_path / "no" / "net.pth", ask)


@pytest.mark.parametrize("ask", [checkpoints.read, checkpoints.digest])
def test_folder_whose_arrays_lie_deeper(tmp_path, ask):
    assert "folder without .npy" in refusal(tmp_path, ask)
    for below in ("weights", "data/0"):
        (tmp_path / below).mkdir(parents=True)
        np.save(tmp_path / below / "w.npy", VALUES)
    assert "these folders in it do: data/0, weights" in refusal(tmp_path, ask)


@pytest.mark.skipif(not pathlib.Path("/dev/zero").exists(), reason="needs a device file")
@pytest.mark.parametrize("ask", [checkpoints.read, checkpoints.digest])
def test_device_file(ask):
    assert "neither a file nor a folder" in refusal("/dev/zero", ask)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_forbidden_file(tmp_path):
    path = tmp_path / "net.pth"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "cannot be read" in refusal(path)


def test_refused_open_names_the_path(tmp_path, monkeypatch):
    def forbid(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "net.pth").write_bytes(b"x")
    monkeypatch.setattr("builtins.open", forbid)
    assert "cannot be read: Permission denied" in refusal(tmp_path / "net.pth")


def test_digest_of_a_file_is_its_sha256(tmp_path):
    path = tmp_path / "net.pth"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert checkpoints.digest(path) == known


def test_digest_of_a_folder_is_over_names_and_contents(tmp_path):
    np.save(tmp_path / "b.npy", VALUES)
    np.save(tmp_path / "a.npy", VALUES[:2])
    (tmp_path / "notes.txt").write_text("not counted")
    contents = [(tmp_path / name).read_bytes() for name in ("a.npy", "b.npy")]
    parts = [hashlib.sha256(content).digest() for content in contents]
    whole = b"a.npy\0" + parts[0] + b"b.npy\0" + parts[1]
    first = checkpoints.digest(tmp_path)
    assert first == hashlib.sha256(whole).hexdigest()
    (tmp_path / "a.npy").rename(tmp_path / "c.npy")
    assert checkpoints.digest(tmp_path) != first


def test_a_plain_pickle_is_refused_by_what_it_asks_for(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'done'}",)

    path = tmp_path / "evil.pth"
    for protocol in range(2, 6):
        path.write_bytes(pickle.dumps({"features.0.weight": Evil()}, protocol))
        with pytest.raises(InputError, match=r"evil\.pth: asks for .*(posix|nt)\.system"):
            checkpoints.read(path)
    path.write_bytes(pickle.dumps({"epoch": 3}))
    with pytest.raises(InputError, match="a plain Python pickle without tensors"):
        checkpoints.read(path)
    assert not (tmp_path / "done").exists()
