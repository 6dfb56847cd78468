"""Every rule for what becomes of a stored picture, and every way in which reading fails."""

import concurrent.futures
import io
import pathlib
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from jaxiqa.checks import InputError
from jaxiqa.images import image_from_bytes, read_image, read_pair

RNG = np.random.default_rng(7)
RGB = RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (13, 17), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (13, 17, 4), dtype=np.uint16)


def image_of(values, mode):
    """A picture of a mode that Pillow does not derive from the shape."""
    return Image.frombytes(mode, values.shape[1::-1], values.tobytes())


def saved(image, kind, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def fraction(values, peak=255):
    """The expected result, with grey repeated."""
    values = np.asarray(values)
    values = values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=-1)
    return (values.astype(np.float64) / peak).astype(np.float32)


def check(data: bytes, expected):
    got = image_from_bytes(data)
    assert got.dtype == np.float32
    assert got.flags["C_CONTIGUOUS"]
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16(values, colour_type, *, filtered=False) -> bytes:
    """A PNG of 16 bits per channel, which Pillow cannot write in colour."""
    height, width = values.shape[:2]
    rows = [row.astype(">u2").tobytes() for row in values]
    if filtered:  # filter 1: the difference to the pixel on the left, byte by byte
        step = len(rows[0]) // width
        pairs = [(row, b"\0" * step + row) for row in rows]
        rows = [bytes((a - b) % 256 for a, b in zip(*pair, strict=False)) for pair in pairs]
    data = b"".join((b"\1" if filtered else b"\0") + row for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def tiff(values, *, order="<", photometric=2, planar=False, deflate=False, bits=None, extra=None):
    """A TIFF file made by hand, for the layouts that Pillow cannot write."""
    height, width, channels = values.shape
    planes = [values[..., c] for c in range(channels)] if planar else [values]
    strips = [plane.astype(values.dtype.newbyteorder(order)).tobytes() for plane in planes]
    strips = [zlib.compress(strip) if deflate else strip for strip in strips]
    starts = np.cumsum([8] + [len(strip) for strip in strips]).tolist()
    depth = [bits or values.dtype.itemsize * 8] * channels
    short = {256: [width], 257: [height], 258: depth, 259: [8 if deflate else 1]}
    short |= {262: [photometric], 277: [channels], 278: [height], 284: [2 if planar else 1]}
    short |= {338: [extra]} if extra is not None else {}
    long = {273: starts[:-1], 279: [len(strip) for strip in strips]}
    entries, tail = b"", b""
    start_of_tail = starts[-1] + 2 + 12 * len(short | long) + 4
    for tag, numbers in sorted((short | long).items()):
        code = "H" if tag in short else "I"
        packed = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        entries += struct.pack(f"{order}HHI", tag, 3 if tag in short else 4, len(numbers))
        if len(packed) > 4:
            packed, tail = struct.pack(f"{order}I", start_of_tail + len(tail)), tail + packed
        entries += packed.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, starts[-1])
    count = struct.pack(f"{order}H", len(short | long))
    return head + b"".join(strips) + count + entries + b"\0" * 4 + tail


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("PPM", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_8_bit_colour_is_divided_by_255(kind, options):
    check(saved(Image.fromarray(RGB), kind, **options), fraction(RGB))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "TIFF", "GIF"])
def test_8_bit_grey_is_repeated(kind):
    check(saved(Image.fromarray(GREY), kind), fraction(GREY))


def test_jpeg_is_what_pillow_decodes():
    data = saved(Image.fromarray(RGB), "JPEG", quality=80)
    check(data, fraction(np.asarray(Image.open(io.BytesIO(data)))))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "TIFF"])
def test_1_bit_is_black_and_white(kind):
    bits = GREY > 128
    check(saved(Image.fromarray(bits), kind), fraction(bits, 1))


def test_2_bit_grey_png_is_spread_over_the_range():
    header = struct.pack(">IIBBBBB", 4, 1, 2, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" + bytes([0b00011011]))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    check(b"\x89PNG\r\n\x1a\n" + chunks, fraction([[0, 1, 2, 3]], 3))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bit_grey(kind):
    check(saved(Image.fromarray(DEEP[..., 0]), kind), fraction(DEEP[..., 0], 65535))


def test_16_bit_grey_big_endian_tiff():
    check(tiff(DEEP[..., :1], order=">", photometric=1), fraction(DEEP[..., 0], 65535))


def test_12_bit_grey_tiff():
    packed = np.array([[[0xFF], [0xF0], [0x01]]], np.uint8)  # 4095 and 1 in three bytes
    data = tiff(packed, photometric=1, bits=12).replace(
        struct.pack("<HHII", 256, 3, 1, 3), struct.pack("<HHII", 256, 3, 1, 2)
    )
    check(data, fraction([[4095, 1]], 4095))


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (6, 4)])
def test_16_bit_colour_png_keeps_all_bits(colour_type, channels, filtered):
    data = png_16(DEEP[..., :channels], colour_type, filtered=filtered)
    check(data, fraction(DEEP[..., :3], 65535))


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("channels", "extra"), [(3, None), (4, 0), (4, 2)])
def test_16_bit_colour_tiff_keeps_all_bits(channels, extra, order, deflate):
    data = tiff(DEEP[..., :channels], order=order, deflate=deflate, extra=extra)
    check(data, fraction(DEEP[..., :3], 65535))


@pytest.mark.parametrize("photometric", [2, 1])
def test_8_bit_tiff_by_hand(photometric):
    values = RGB if photometric == 2 else GREY[..., None]
    check(tiff(values, photometric=photometric), fraction(np.broadcast_to(values, RGB.shape)))


def test_white_at_zero_is_turned_round():
    check(tiff(GREY[..., None], photometric=0), fraction(255 - GREY))


def test_float_tiff_within_range_is_as_stored():
    values = RNG.random((5, 6)).astype(np.float32)
    check(saved(Image.fromarray(values), "TIFF"), fraction(values, 1))


@pytest.mark.parametrize("bad", [1.5, -0.1, np.nan, np.inf])
def test_float_tiff_out_of_range_is_refused(bad):
    values = np.full((5, 6), 0.5, np.float32)
    values[2, 3] = bad
    with pytest.raises(InputError, match=r"expected \[0, 1\]"):
        image_from_bytes(saved(Image.fromarray(values), "TIFF"))


@pytest.mark.parametrize(
    ("kind", "transparency"),
    [("PNG", None), ("PNG", 3), ("PNG", bytes(range(0, 250, 10))), ("GIF", None), ("GIF", 3)],
)
def test_palette_colours_transparent_or_not(kind, transparency):
    indices = (GREY % 25).astype(np.uint8)
    colours = RNG.integers(0, 256, (25, 3), dtype=np.uint8)
    image = Image.fromarray(indices)
    image.putpalette(colours.tobytes())
    options = {} if transparency is None else {"transparency": transparency}
    check(saved(image, kind, **options), fraction(colours[indices]))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_ignored(kind):
    alpha = np.full((*RGB.shape[:2], 1), 90, np.uint8)
    alpha[::2] = 0
    image = image_of(np.concatenate([RGB, alpha], axis=-1), "RGBA")
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    check(saved(image, kind, **options), fraction(RGB))


def test_grey_with_alpha_is_grey():
    image = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(255 - GREY)])
    check(saved(image, "PNG"), fraction(GREY))


def test_a_transparent_colour_in_png_changes_nothing():
    data = saved(Image.fromarray(RGB), "PNG", transparency=tuple(RGB[0, 0].tolist()))
    check(data, fraction(RGB))
    check(saved(Image.fromarray(GREY), "PNG", transparency=7), fraction(GREY))


def test_cmyk():
    ink = np.zeros((2, 3, 4), np.uint8)
    ink[0, 0], ink[0, 1], ink[1, 2] = (255, 0, 0, 0), (0, 0, 0, 255), (0, 255, 255, 0)
    expected = np.full((2, 3, 3), 255)
    expected[0, 0], expected[0, 1], expected[1, 2] = (0, 255, 255), (0, 0, 0), (255, 0, 0)
    check(saved(image_of(ink, "CMYK"), "TIFF"), fraction(expected))


def test_inverted_cmyk_jpeg_of_adobe_is_turned_round():
    ink = np.zeros((16, 16, 4), np.uint8)
    ink[:8, :, 0] = 255
    got = image_from_bytes(saved(image_of(ink, "CMYK"), "JPEG", quality=100))
    np.testing.assert_allclose(
        got[:8], fraction([[[0, 255, 255]]]) + np.zeros((8, 16, 3)), atol=0.02
    )
    np.testing.assert_allclose(got[8:], 1, atol=0.02)


def test_ycbcr_tiff():
    image = Image.fromarray(RGB).convert("YCbCr")
    expected = fraction(np.asarray(image.convert("RGB")))
    got = image_from_bytes(saved(image, "TIFF", compression="tiff_lzw", tiffinfo={530: (1, 1)}))
    np.testing.assert_allclose(got, expected, atol=2.1 / 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 10))
def test_orientation_is_applied(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(Image.fromarray(RGB), kind, exif=exif.tobytes(), **options)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert expected.size == ((13, 17) if orientation in (5, 6, 7, 8) else (17, 13))
    check(data, fraction(np.asarray(expected)))


def test_orientation_of_16_bit_colour():
    exif = Image.Exif()
    exif[274] = 6
    body = png_16(DEEP[..., :3], 2)
    data = body[:-12] + png_chunk(b"eXIf", exif.tobytes()[6:]) + body[-12:]
    check(data, fraction(np.rot90(DEEP[..., :3], -1), 65535))


def test_unreadable_exif_counts_as_none():
    data = saved(Image.fromarray(RGB), "PNG")
    check(data[:-12] + png_chunk(b"eXIf", b"II*\0\xff\xff\xff") + data[-12:], fraction(RGB))


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP"])
def test_the_first_frame_is_read(kind):
    frames = [Image.fromarray(np.full((5, 6), level, np.uint8)) for level in (40, 200)]
    options = {"save_all": True, "append_images": frames[1:]}
    options |= {"lossless": True} if kind == "WEBP" else {}
    check(saved(frames[0], kind, **options), fraction(np.full((5, 6), 40)))


@pytest.mark.parametrize("text", ["P2\n3 1\n100\n0 50 100\n", "P5\n3 1\n100\n\0\x32\x64"])
def test_pgm_with_a_small_maxval_is_spread_and_rounded(text):
    check(text.encode(), fraction([[0, 128, 255]]))


def test_pgm_with_a_large_maxval():
    data = b"P5\n3 1\n1000\n" + struct.pack(">3H", 0, 250, 1000)
    check(data, fraction([[0, 16384, 65535]], 65535))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"P6\n1 1\n65535\n" + bytes(6), "only 8"),
        (b"P3\n1 1\n1000\n1 2 3\n", "only 8"),
        (png_16(DEEP[..., :2], 4), "only 8"),
        (tiff(DEEP[..., :3], planar=True), "only 8"),
        (tiff(DEEP[..., :3], planar=True, deflate=True), "only 8"),
        (tiff(DEEP, photometric=5), "only 8"),
        (tiff(DEEP, extra=1), "only 8"),
        (tiff(DEEP[..., :1], photometric=0), "white at zero"),
        (tiff(DEEP[..., :1].astype(np.uint32), photometric=1), "32 bit"),
        (saved(image_of(RGB, "LAB"), "TIFF"), "LAB"),
    ],
)
def test_what_would_lose_numbers_is_refused(data, match):
    with pytest.raises(InputError, match=match) as caught:
        image_from_bytes(data, name="x.tif")
    assert str(caught.value).startswith("x.tif: ")
    assert "8 bits per channel in RGB" in str(caught.value)


KINDS = [
    ("PNG", {}),
    ("BMP", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("GIF", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "tiff_deflate"}),
    ("TIFF", {"compression": "jpeg"}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("PPM", {}),
]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_file_cut_anywhere_is_an_error_or_complete(kind, options):
    data = saved(Image.fromarray(RGB), kind, **options)
    whole = image_from_bytes(data)
    messages = []
    for length in range(1, len(data)):
        try:
            np.testing.assert_array_equal(image_from_bytes(data[:length]), whole)
        except InputError as error:
            messages.append(str(error))
    assert len(messages) >= len(data) - 5
    assert not any("\n" in message for message in messages)


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_damaged_bytes_never_raise_anything_else(kind, options):
    data = saved(Image.fromarray(RGB), kind, **options)
    for position in range(0, len(data), 3):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        try:
            got = image_from_bytes(bytes(damaged))
        except InputError:
            continue
        assert got.ndim == 3
        assert 0 <= got.min() <= got.max() <= 1


def test_a_flipped_bit_in_png_is_noticed():
    data = bytearray(saved(Image.fromarray(RGB), "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(InputError, match="cannot be decoded"):
        image_from_bytes(bytes(data))


def test_truncation_stays_an_error_where_pillow_was_told_to_ignore_it(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(InputError, match="LOAD_TRUNCATED_IMAGES"):
        image_from_bytes(saved(Image.fromarray(RGB), "JPEG")[:-200])


@pytest.mark.parametrize("limit", [13 * 17 - 1, 40])
def test_too_many_pixels(monkeypatch, limit):
    data = saved(Image.fromarray(RGB), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(InputError, match=f"more than {limit} pixels"):
        image_from_bytes(data)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    check(data, fraction(RGB))


@pytest.mark.parametrize(
    "data", [b"hello", b"%!PS-Adobe\n", b"P5\n0 4\n255\n", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture(tmp_path, data):
    path = tmp_path / "note.png"
    path.write_bytes(data)
    with pytest.raises(InputError, match="not a picture of a kind") as caught:
        read_image(path)
    assert str(path) in str(caught.value)


def test_missing_folder_and_empty(tmp_path):
    (tmp_path / "empty.png").touch()
    for path, match in [("none.png", "no such file"), ("", "folder"), ("empty.png", "empty file")]:
        with pytest.raises(InputError, match=match) as caught:
            read_image(tmp_path / path)
        assert str(tmp_path / path) in str(caught.value)


def test_permission(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(pathlib.Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"a\.png.*Permission denied"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("path", [None, 3, ["a.png"], "a\0.png", "x" * 5000])
def test_what_is_no_path(path):
    with pytest.raises(InputError):
        read_image(path)


def test_read_pair(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    Image.fromarray(RGB[:, :-1]).save(tmp_path / "b.bmp")
    first, second = read_pair(tmp_path / "a.png", str(tmp_path / "a.png"))
    np.testing.assert_array_equal(first, second)
    with pytest.raises(InputError, match=r"a\.png is 17 x 13 .*b\.bmp is 16 x 13"):
        read_pair(tmp_path / "a.png", tmp_path / "b.bmp")


def test_pillow_warns_unless_silenced_and_other_filters_stay():
    data = saved(Image.fromarray(RGB), "TIFF", compression="tiff_lzw")[:-4]
    with pytest.warns(UserWarning, match="Truncated"), pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(data))
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(InputError):
            image_from_bytes(data)
        warnings.warn("somebody else's", stacklevel=1)
    assert [str(w.message) for w in seen] == ["somebody else's"]
    assert list(warnings.filters) == before


def test_reading_in_threads_gives_the_same_and_leaves_the_filters():
    good = [saved(Image.fromarray(np.roll(RGB, k)), "PNG") for k in range(4)]
    bad = saved(Image.fromarray(RGB), "TIFF", compression="tiff_lzw")[:-4]
    expected = [fraction(np.roll(RGB, k)) for k in range(4)]
    before, start = list(warnings.filters), threading.Barrier(4)

    def work(k):
        start.wait()
        for _ in range(50):
            np.testing.assert_array_equal(image_from_bytes(good[k]), expected[k])
            with pytest.raises(InputError):
                image_from_bytes(bad)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert list(warnings.filters) == before


def test_real_files(shared):
    pairs = shared / "data/metrics/pairs"
    for name in ("r0.png", "goldhill.gif", "einstein.pgm", "I01.BMP"):
        with Image.open(pairs / name) as image:
            expected = np.asarray(image.convert("RGB"))
        np.testing.assert_array_equal(read_image(pairs / name), fraction(expected))
