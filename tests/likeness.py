"""Small pictures of the tab, and how much two of them differ.

Both are shrunk and blurred first: what is left is where there is ink, and of which colour. Letters that are drawn a
little differently change hardly anything; a block that is missing or has moved, or the other theme, changes much.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

WIDTH = 320
"""Pixels of a stored picture from left to right."""
COLOURS = 32
COARSE = 64
"""Pixels from left to right at which two pictures are compared; one is about a line of text high."""
BLUR = 1.5
"""Of these pixels."""
VISIBLE = 0.03
"""Difference of two colours, of 1, from which it counts in full: pale text is as much of a block as a dark bar."""


def small(png: bytes) -> Image.Image:
    """A screenshot as it is stored."""
    found = Image.open(io.BytesIO(png)).convert("RGB")
    size = WIDTH, round(found.height * WIDTH / found.width)
    return found.resize(size, Image.Resampling.BOX).quantize(COLOURS, dither=Image.Dither.NONE)


def save(picture: Image.Image, path: Path) -> None:
    """Writes a picture; its folder is made when missing."""
    path.parent.mkdir(exist_ok=True)
    picture.save(path, optimize=True)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of what is drawn that is drawn otherwise: 0 for the same picture, 1 for another theme or size."""
    if one.size != other.size:
        return 1.0
    ours, theirs = _coarse(one), _coarse(other)
    our_paper, their_paper = _paper(ours), _paper(theirs)
    if _seen(our_paper - their_paper) == 1:
        return 1.0
    drawn = np.maximum(_seen(ours - our_paper), _seen(theirs - their_paper))
    return float(_seen(ours - theirs).sum() / max(drawn.sum(), 1e-9))


def _coarse(picture: Image.Image) -> np.ndarray:
    """Colours from 0 to 1, shape `(row, column, 3)`."""
    blurred = picture.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR * WIDTH / COARSE))
    size = COARSE, max(round(picture.height * COARSE / picture.width), 1)
    return np.asarray(blurred.resize(size, Image.Resampling.BOX), float) / 255


def _paper(colours: np.ndarray) -> np.ndarray:
    """The colour of the background."""
    return np.median(colours.reshape(-1, 3), axis=0)


def _seen(colours: np.ndarray) -> np.ndarray:
    """How visible a difference of colours is, from 0 to 1."""
    return np.minimum(np.abs(colours).max(axis=-1) / VISIBLE, 1)
