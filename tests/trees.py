"""Databases as they unpack: 2 references x 3 distortions, with the names and quirks they have."""

import pathlib
import zipfile

import numpy as np
import rated
import scipy.io

SIZE = (24, 32)


def image(path: pathlib.Path, seed: int) -> None:
    """Writes a small picture, different for each seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rated.save(path, rated.picture(seed, SIZE))


def text(path: pathlib.Path, *lines: str) -> None:
    """Writes a text file with the line ends of Windows, as most publishers have them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def tid(folder: pathlib.Path, types: tuple[int, ...] = (1, 2)) -> None:
    """TID2008 or TID2013: references 1 and 25, of three images the names are in another case."""
    rows = [(1, types[0], 1), (1, types[0], 2), (1, types[1], 1)]
    rows += [(25, kind, level) for _, kind, level in rows]
    # the table, the folder and each other: three cases
    names = ["I01_{:02d}_{}.bmp", *["i01_{:02d}_{}.bmp"] * 2, *["i25_{:02d}_{}.bmp"] * 3]
    lines = [n.format(kind, level) for n, (_, kind, level) in zip(names, rows, strict=True)]
    text(
        folder / "mos_with_names.txt",
        *(f"{5.5 - i / 2:.5f} {name}" for i, name in enumerate(lines)),
    )
    text(folder / "mos_std.txt", *(f"0.1{i}" for i in range(6)))
    image(folder / "reference_images" / "I01.BMP", 1)
    image(folder / "reference_images" / "i25.bmp", 25)
    for i, name in enumerate(lines):
        written = name.replace("i25", "I25").replace(".bmp", ".BMP") if i == 4 else name
        image(folder / "distorted_images" / written, 100 + i)


def kadid(folder: pathlib.Path) -> None:
    """KADID-10k: the first pair has identical pixels."""
    lines = []
    for r, scene in enumerate(("I01", "I81")):
        image(folder / "images" / f"{scene}.png", r)
        for d, (kind, level) in enumerate(((1, 1), (1, 5), (25, 1))):
            name = f"{scene}_{kind:02d}_{level:02d}.png"
            image(folder / "images" / name, r if (r, d) == (0, 0) else 10 + 3 * r + d)
            lines.append(f"{name},{scene}.png,{4.57 - r - d},{0.496 + d / 10}")
    text(folder / "dmos.csv", "dist_img,ref_img,dmos,var", *lines)


def csiq(folder: pathlib.Path) -> None:
    """CSIQ: folders in lower case, files not, and a spreadsheet that begins in cell D4."""
    kinds = (
        ("noise", "awgn", "AWGN"),
        ("jpeg 2000", "jpeg2000", "jpeg2000"),
        ("blur", "blur", "BLUR"),
    )
    rows = []
    for r, scene in enumerate(("1600", "elk")):
        image(folder / "src_imgs" / f"{scene}.png", r)
        for d, (word, place, part) in enumerate(kinds):
            image(folder / "dst_imgs" / place / f"{scene}.{part}.{d + 1}.png", 10 + 3 * r + d)
            rows.append((scene, d + 1, word, d + 1, 0.05 + d / 100, 0.062 + 0.1 * d + 0.3 * r))
    header = ("image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos")
    spreadsheet(folder / "csiq.DMOS.xlsx", (header, *rows))


def spreadsheet(path: pathlib.Path, rows) -> None:
    """Writes an .xlsx: a sheet before the one that is wanted, shared texts, numbers."""
    shared: list[str] = []

    def cell(place: str, value) -> str:
        if isinstance(value, str) and not value.isdigit():
            shared.append(value)
            return f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    def line(number: int, row) -> str:
        cells = (cell(f"{c}{number}", v) for c, v in zip("DEFGHI", row, strict=True))
        return f'<row r="{number}">{"".join(cells)}</row>'

    body = "".join(line(number, row) for number, row in enumerate(rows, 4))
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    names = ("all_by_distortion", "all_by_image")
    parts = {
        "workbook.xml": f"<workbook {main} {link}><sheets>"
        + "".join(f'<sheet name="{n}" r:id="rId{i}"/>' for i, n in enumerate(names))
        + "</sheets></workbook>",
        "_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
        '2006/relationships">'
        + "".join(f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.xml"/>' for i in range(2))
        + "</Relationships>",
        "worksheets/sheet0.xml": f"<worksheet {main}><sheetData/></worksheet>",
        "worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>",
        "sharedStrings.xml": f"<sst {main}>"
        + "".join(f"<si><r><t>{t[:2]}</t></r><r><t>{t[2:]}</t></r></si>" for t in shared)
        + "</sst>",
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(f"xl/{name}", content)


def edit_spreadsheet(path: pathlib.Path, part: str, old: str, new: str) -> None:
    """Replaces a text, which is there, within one part of an .xlsx."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert old in parts[f"xl/{part}"]
    parts[f"xl/{part}"] = parts[f"xl/{part}"].replace(old, new)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def live(folder: pathlib.Path) -> None:
    """LIVE: in each folder an image of either scene, and in jp2k and jpeg a copy of a reference."""
    scenes = ("studentsculpture.bmp", "rapids.bmp")
    sizes = {"jp2k": 3, "jpeg": 3, "wn": 1, "gblur": 1, "fastfading": 0}
    names, copies, seed = [], [], 10
    for i, scene in enumerate(scenes):
        image(folder / "refimgs" / scene, i)
    for place, size in sizes.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        for i in range(size):
            image(folder / place / f"img{i + 1}.bmp", seed)
            names.append(scenes[i % 2])
            copies.append(float(i == 2))
            seed += 1
    cells = np.empty((1, len(names)), object)
    cells[0, :] = names
    scipy.io.savemat(folder / "refnames_all.mat", {"refnames_all": cells})
    scores = np.where(copies, 0.0, np.linspace(15.51295, 101.10825, len(names)))
    table = {
        "dmos_new": scores[None],
        "dmos_std": scores[None] / 10,
        "orgs": np.array(copies)[None],
    }
    scipy.io.savemat(folder / "dmos_realigned.mat", table)
    # the older scores, which must not be taken
    scipy.io.savemat(folder / "dmos.mat", {"dmos": -scores[None], "orgs": np.array(copies)[None]})


def live_md(folder: pathlib.Path) -> None:
    """LIVE-MD: two parts with cells within cells, and the scores of three observers."""
    scenes = ("babygirl", "wheel")
    for part, place, steps in (
        ("Part 1", "blurjpeg", ("blur1", "jpeg2", "blur3_jpeg1")),
        ("Part_2", "blurnoise", ("blur1", "noise2", "blur3_noise1")),
    ):
        names = [f"{scene}_{step}.bmp" for scene in scenes for step in steps]
        for i, name in enumerate([*(f"{scene}.bmp" for scene in scenes), *names]):
            image(folder / part / place / name, 50 * (place == "blurnoise") + i)
        cells = np.empty((6, 1), object)
        cells[:, 0] = names
        nested = np.empty((2, 1), object)
        for i, scene in enumerate(scenes):
            nested[i, 0] = np.array([[f"{scene}.bmp"]], object)
        of = np.repeat([1, 2], 3)[:, None]
        lists = {"distimgs": cells, "refimgs": nested, "ref4dist": of}
        scipy.io.savemat(folder / part / "Imagelists.mat", lists)
        raw = np.array([[10.0], [20.0], [33.0]]) + np.arange(6) * 3
        scores = {"DMOSscores": raw.mean(axis=0)[None], "dist_diffscores": raw}
        scipy.io.savemat(folder / part / "Scores.mat", scores)


def mdid(folder: pathlib.Path) -> None:
    """MDID: scores in the order of the names."""
    for r in (1, 2):
        image(folder / "reference_images" / f"img{r:02d}.bmp", r)
        for d in (1, 2, 3):
            image(folder / "distortion_images" / f"img{r:02d}_{d:02d}.bmp", 10 * r + d)
    text(folder / "mos.txt", *(f"{2.4855 + i}" for i in range(6)))
    text(folder / "mos_std.txt", *(f"{0.9 + i / 100}" for i in range(6)))


def pipal(folder: pathlib.Path) -> None:
    """PIPAL: a table a reference, the images of each in another archive."""
    for r, scene in enumerate(("A0001", "A0051")):
        image(folder / "Train_Ref" / f"{scene}.bmp", r)
        lines = []
        for d, (kind, number) in enumerate(((0, 0), (0, 1), (6, 26))):
            name = f"{scene}_{kind:02d}_{number:02d}.bmp"
            image(folder / f"Distortion_{r + 1}" / name, 10 + 3 * r + d)
            lines.append(f"{name},{1520.0648 - 100 * d - 10 * r}")
        text(folder / "Train_Label" / f"{scene}.txt", *lines)


def _judge(path: pathlib.Path, share: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array([share], np.float32))


def bapps_2afc(folder: pathlib.Path) -> None:
    """BAPPS 2AFC: a triplet to train on, and two sets to validate."""
    seed = 0
    for place, count in (("train/mix", 1), ("val/cnn", 3), ("val/traditional", 2)):
        for n in range(count):
            for part in ("ref", "p0", "p1"):
                image(folder / "2afc" / place / part / f"{n:06d}.png", seed := seed + 1)
            _judge(folder / "2afc" / place / "judge" / f"{n:06d}.npy", n / 5)


def bapps_jnd(folder: pathlib.Path) -> None:
    """BAPPS JND: two sets of pairs."""
    seed = 0
    for place in ("val/cnn", "val/traditional"):
        for n in range(3):
            for part in ("p0", "p1"):
                image(folder / "jnd" / place / part / f"{n:06d}.png", seed := seed + 1)
            _judge(folder / "jnd" / place / "same" / f"{n:06d}.npy", n / 3)


TREES = {
    "tid2008": tid,
    "tid2013": lambda folder: tid(folder, (1, 24)),
    "kadid10k": kadid,
    "csiq": csiq,
    "live": live,
    "live-md": live_md,
    "mdid": mdid,
    "pipal": pipal,
    "bapps-2afc": bapps_2afc,
    "bapps-jnd": bapps_jnd,
}
