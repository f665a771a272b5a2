"""MusicXML files."""

from componium.formats.musicxml.reading import MAX_BYTES, MAX_NOTES, read_musicxml, write_musicxml
from componium.formats.musicxml.writing import musicxml_bytes

__all__ = ["MAX_BYTES", "MAX_NOTES", "musicxml_bytes", "read_musicxml", "write_musicxml"]
