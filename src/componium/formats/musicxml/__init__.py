"""MusicXML files."""

from componium.formats.musicxml.documents import MAX_BYTES
from componium.formats.musicxml.reading import MAX_NOTES, read_movements, read_musicxml
from componium.formats.musicxml.writing import musicxml_bytes, write_musicxml

__all__ = ["MAX_BYTES", "MAX_NOTES", "musicxml_bytes", "read_movements", "read_musicxml", "write_musicxml"]
