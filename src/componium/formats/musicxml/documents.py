"""Turns the bytes of MusicXML files into trees of elements, and back into archives.

What is read is limited before it is read: bytes, also those inside an archive, elements and attributes.
"""

from __future__ import annotations

import codecs
import gc
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from xml.etree.ElementTree import Element, ParseError, fromstring

from componium.errors import FormatError
from componium.formats.musicxml.names import printable
from componium.formats.musicxml.remarks import Remarks

MAX_BYTES = 64 * 2**20
MAX_ELEMENTS = 3_000_000
MAX_ATTRIBUTES = 6_000_000
MAX_MEMBERS = 1_000

# Encodings that the parser does not know but musicians' programs write.
_MULTI_BYTE = frozenset(
    ("shift_jis", "shift-jis", "sjis", "windows-31j", "cp932", "euc-jp", "gb2312", "gbk", "gb18030", "big5", "euc-kr")
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,99}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,20})[\"']")
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,200}\?>")

# What zipfile and its decompressors raise on archives that are damaged, encrypted or of an unknown kind.
_NO_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    UnicodeError,
)


def document(data: bytes, remarks: Remarks | None = None) -> Element:
    """Returns the root of a MusicXML file, plain or compressed.

    Args:
        data: the file's bytes.
        remarks: what is put right is added here.

    Raises:
        FormatError: it is too large, no archive that can be read, or no MusicXML.
    """
    return _parsed(contents(data, remarks))


def contents(data: bytes, remarks: Remarks | None = None) -> bytes:
    """Returns the text of a MusicXML file, plain or compressed.

    Raises:
        FormatError: it is no archive that can be read.
    """
    return _uncompressed(data, remarks or Remarks()) if data[:2] == b"PK" else data


@contextmanager
def paused_collection() -> Generator[None]:
    """Pauses the search for reference cycles, which trees of elements have none of but would be searched for."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def archived(data: bytes) -> bytes:
    """Returns a MusicXML file as an ``.mxl`` archive; equal files give equal archives."""
    container = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
        b'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("META-INF/container.xml", container), ("score.musicxml", data)):
            # A date of its own would make equal scores give different bytes.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _uncompressed(data: bytes, remarks: Remarks) -> bytes:
    """Returns the score inside an archive: what its container names, or else the first that looks like one."""
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise FormatError(f"the archive holds more files than the limit of {MAX_MEMBERS}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            named = _named_by_container(archive, names)
            inside = named or _likely(names)
            if not inside:
                raise FormatError("the archive holds no MusicXML file")
            if not named:
                remarks.on_file("the archive's container names no score that is there: the first score taken")
            return _member(archive, inside[0])
    except _NO_ZIP as error:
        raise FormatError(f"not a readable archive ({' '.join(str(error).split()) or type(error).__name__})") from error


def _named_by_container(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    if "META-INF/container.xml" not in names:
        return []
    try:
        container = _parsed(_member(archive, "META-INF/container.xml"), tag="container")
    except (FormatError, *_NO_ZIP):
        # The score beside a damaged container may be sound.
        return []
    paths = [element.get("full-path", "") for element in container.iter() if element.tag.endswith("rootfile")]
    known = set(names)
    return [path for path in paths if path in known and not path.lower().endswith((".pdf", ".mid", ".png"))]


def _likely(names: list[str]) -> list[str]:
    scores = [name for name in names if name.lower().endswith((".musicxml", ".xml"))]
    # Archives made on a Mac hold a shadow of every file.
    return [name for name in scores if "META-INF" not in name and not name.startswith("__MACOSX")]


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    # The size that the archive declares may be wrong: read no more than the limit.
    with archive.open(name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"{printable(name)}: larger than the limit of {MAX_BYTES // 2**20} MiB")
    return data


def _root(data: bytes) -> Element:
    """The root of a document, also where its declaration is wrong or not at its start, or junk surrounds it."""
    try:
        return fromstring(data)  # noqa: S314 - without entities the standard parser is safe
    except (ParseError, LookupError, ValueError) as error:
        text = _DECLARATION.sub("", _decoded(data).strip(" \t\r\n\0\N{BYTE ORDER MARK}"), count=1)
        if "<!ENTITY" in text:
            raise
        try:
            return fromstring(text)  # noqa: S314 - as above
        except (ParseError, ValueError):
            raise error from None


def _decoded(data: bytes) -> str:
    """The text of a document that the parser refuses; bytes that are not what they are said to be are Windows-1252."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.match(data[:200])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        return data.decode(name if name in _MULTI_BYTE else "utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _parsed(data: bytes, tag: str = "") -> Element:
    if not data.strip():
        raise FormatError("the file is empty")
    # Entities that name each other grow without end, and no score needs them. UTF-16 hides them behind zeros.
    if b"<!ENTITY" in (data.replace(b"\0", b"") if b"\0" in data else data):
        raise FormatError("it declares entities, which are not read")
    if data.count(b"<") - data.count(b"</") > MAX_ELEMENTS:
        raise FormatError(f"more elements than the limit of {MAX_ELEMENTS}")
    if data.count(b"=") > MAX_ATTRIBUTES:
        raise FormatError(f"more attributes than the limit of {MAX_ATTRIBUTES}")
    try:
        root = _root(data)
    except (ParseError, LookupError, ValueError, MemoryError) as error:
        raise FormatError(f"not readable XML ({' '.join(str(error).split())})") from error
    if root.tag.endswith(("}score-partwise", "}score-timewise")):
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
    if tag and not root.tag.endswith(tag):
        raise FormatError(f"its root is <{printable(root.tag)[:40]}>")
    if not tag and root.tag not in ("score-partwise", "score-timewise"):
        raise FormatError(f"not MusicXML: its root is <{printable(root.tag)[:40]}>")
    return root
