"""The canvas of a piano roll: boxes and text at twice the size of the picture; colors."""

from __future__ import annotations

from PIL import Image, ImageDraw

from componium.rendering.lettering import drawable, font_for

WIDTH = 1600
"""Pixels of every picture."""

PAPER = "#fbfaf7"
INK, QUIET = "#2b2a28", "#857f74"
# Distinct in hue and in lightness, also to most color-blind eyes; after ten they come back, lighter.
COLORS = (
    (46, 98, 168), (214, 106, 44), (44, 138, 104), (178, 60, 92), (122, 92, 172),
    (190, 144, 26), (44, 146, 176), (132, 100, 68), (208, 98, 158), (96, 132, 52),
)  # fmt: skip
DRUM_COLOR = (84, 82, 78)

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_SCALE = 2


class Canvas:
    """A picture drawn at twice its size; coordinates are those of the reduced one."""

    def __init__(self, height: int) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, height * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, corners: tuple[float, float, float, float], color: str | tuple[int, ...], radius: float = 0) -> None:
        """Draws a filled box; corners are left, top, right and bottom in pixels."""
        x0, y0, x1, y1 = (round(_SCALE * value) for value in corners)
        # Pillow's boxes include their last row and column.
        inclusive = (x0, y0, max(x1 - 1, x0), max(y1 - 1, y0))
        reach = min(radius * _SCALE, (inclusive[2] - x0) / 2, (inclusive[3] - y0) / 2)
        if reach >= 1:
            self._draw.rounded_rectangle(inclusive, reach, color)
        else:
            self._draw.rectangle(inclusive, color)

    def text(self, at: tuple[float, float], text: str, size: float, *, color: str = INK, anchor: str = "la") -> None:
        """Writes a text at x and y, which its ``anchor`` (as Pillow names it) comes to lie on."""
        self._draw.text((at[0] * _SCALE, at[1] * _SCALE), text, color, font_for(text, size * _SCALE), anchor)

    def reduced(self) -> Image.Image:
        """Returns the picture at its own size."""
        return self._image.reduce(_SCALE)


def paler(color: Color, share: float) -> Color:
    """Returns the color, mixed with a share of white."""
    red, green, blue = (round(part + (255 - part) * share) for part in color)
    return red, green, blue


def shortened(text: str, size: float, width: float) -> str:
    """Returns the text in letters that can be drawn, cut with an ellipsis where it is wider than ``width`` pixels."""
    text = drawable(text[:400])
    font = font_for(text, size * _SCALE)
    if font.getlength(text) <= width * _SCALE:
        return text
    while text and font.getlength(text + "…") > width * _SCALE:
        text = text[:-1]
    return text.rstrip() + "…"


def text_width(text: str, size: float) -> float:
    """Returns how many pixels of the picture a text takes."""
    return font_for(text, size * _SCALE).getlength(text) / _SCALE
