"""One sheet of a spreadsheet, read from the XML that an .xlsx file zips.

References:
  ECMA-376, Office Open XML, part 1, section 18 (SpreadsheetML).
"""

import pathlib
import re
import zipfile
import zlib
from xml.etree import ElementTree

from jaxiqa.checks import InputError

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LARGEST = 1 << 26

# what a broken archive, its XML, and links and cells that say nothing raise, in this order
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError),
    *(ElementTree.ParseError, LookupError, AttributeError, TypeError, ValueError),
)

Row = dict[str, str]


def sheet(path: pathlib.Path, name: str) -> list[Row]:
    """Returns the rows of a sheet: letters of the column -> text of the cell, empty ones left out.

    Raises:
      InputError: the file is no spreadsheet, damaged, or has no such sheet.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = _xml(book, "workbook.xml").iter(_MAIN + "sheet")
            links = {part.get("name"): part.get(_LINK) for part in parts}
            if name not in links:
                raise InputError(f"{path} has no sheet {name}; it has {', '.join(map(str, links))}")
            targets = {r.get("Id"): r.get("Target") for r in _xml(book, "_rels/workbook.xml.rels")}
            rows = _xml(book, targets[links[name]].removeprefix("/xl/")).iter(_MAIN + "row")
            shared = _shared(book)
            return [_row(row, shared) for row in rows]
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(f"{path}: not a spreadsheet (.xlsx), or damaged ({error})") from error


def _xml(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    # A document type is where XML hides text that grows without end; spreadsheets have none.
    part = f"xl/{name}"
    if book.getinfo(part).file_size <= _LARGEST and b"<!DOCTYPE" not in (data := book.read(part)):
        return ElementTree.fromstring(data)
    raise InputError(f"{book.filename}: not a spreadsheet as a publisher writes it")


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(item) for item in _xml(book, "sharedStrings.xml").iter(_MAIN + "si")]


def _text(item: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in item.iter(_MAIN + "t"))


def _row(row: ElementTree.Element, shared: list[str]) -> Row:
    found = {}
    for cell in row.iter(_MAIN + "c"):
        kind, held = cell.get("t", "n"), cell.find(_MAIN + "v")
        text = _text(cell) if kind == "inlineStr" else (held.text or "") if held is not None else ""
        if text:
            letters = re.sub(r"\d", "", cell.get("r", ""))
            found[letters] = shared[int(text)] if kind == "s" else text
    return found
