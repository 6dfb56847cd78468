"""Against torch itself, where it is installed: what it saves is read back bit for bit."""

import collections

import numpy as np
import pytest

from jaxiqa import checkpoints

torch = pytest.importorskip("torch")

UNTYPED = ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz")
TYPED = (
    *("float64", "float32", "float16", "bfloat16", "complex64", "complex128", "bool"),
    *("int64", "int32", "int16", "int8", "uint8"),
)


def state(dtypes):
    base = torch.randn(4, 5, 6, generator=torch.Generator().manual_seed(0))
    made = collections.OrderedDict((n, (3 * base).abs().to(getattr(torch, n))) for n in dtypes)
    made |= {"transposed": base.permute(2, 0, 1), "slice": base[1:, ::2, 3], "row": base[2]}
    made |= {"scalar": torch.tensor(3.5), "empty": torch.zeros(0, 3)}
    made |= {"single": torch.arange(6.0).as_strided((1, 2, 1), (1000, 2, 5))}
    return made | {"parameter": torch.nn.Parameter(base[0])}


METADATA = {
    "epoch": 3, "lr": 0.1, "rng": torch.get_rng_state(), "device": torch.device("cuda:0"),
    "dtype": torch.float32, "size": torch.Size([1, 2]), "numpy": np.float64(2.5),
    "array": np.arange(5), "set": {1, 2}, "slice": slice(1, 2), "big": 2**127, "c": 1j,
    "counter": collections.Counter("aab"), "default": collections.defaultdict(list, {"a": [1]}),
    "bytes": b"abc", "optimizer": {"state": {0: {"m": torch.ones(3)}}, "betas": (0.9, 0.99)},
}  # fmt: skip


def bits(value):
    flat = value.detach().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("form", ["zip", "stream"])
def test_what_torch_saves(tmp_path, form, protocol):
    expected = state(TYPED + UNTYPED if form == "zip" else TYPED)
    path = tmp_path / "net.pth"
    torch.save(
        METADATA | {"state_dict": expected},
        path,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=form == "zip",
    )
    found = checkpoints.read(path)
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name].shape == tuple(value.shape)
        assert str(found[name].dtype) == str(value.dtype).removeprefix("torch.")
        assert found[name].tobytes() == bits(value)
    assert np.shares_memory(found["transposed"], found["row"])


def test_without_checksums(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"w": torch.ones(3)}, tmp_path / "net.pth")
    finally:
        torch.serialization.set_crc32_options(True)
    np.testing.assert_array_equal(checkpoints.read(tmp_path / "net.pth")["w"], np.ones(3))


@pytest.mark.parametrize("form", ["zip", "stream"])
def test_whole_module_is_refused(tmp_path, form):
    path = tmp_path / "net.pth"
    torch.save(torch.nn.Conv2d(1, 1, 1), path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(ValueError, match=r"torch\.nn\.modules\.conv\.Conv2d.*state_dict"):
        checkpoints.read(path)


def test_real_checkpoints_bit_for_bit(shared):
    files = [p for p in (shared / "data/weights").rglob("*") if p.suffix in (".pth", ".pt", ".th")]
    assert len(files) >= 21
    for path in files:
        theirs = torch.load(path, map_location="cpu", weights_only=True)
        theirs = theirs.get("state_dict", theirs)
        found = checkpoints.read(path)
        assert list(found) == [name.removeprefix("module.") for name in theirs]
        for ours, value in zip(found.values(), theirs.values(), strict=True):
            assert (ours.shape, ours.tobytes()) == (tuple(value.shape), bits(value))
