"""A photo as it is stored: upright, small, without what a phone writes into it."""

import io

MOST_PIXELS = 40_000_000  # a phone's camera stays below; decoding more would fill the memory
LONGEST_SIDE = 1800  # in pixels: small print on a card can still be read
QUALITY = 82


class NoPhoto(ValueError):
    """What was sent is no picture that can be kept."""


def as_jpeg(raw: bytes) -> tuple[bytes, int, int]:
    """The picture upright, no longer than `LONGEST_SIDE`, with nothing in it of where or by what it was taken.

    Raises `NoPhoto` for what is no picture, or one that would fill the memory.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPhoto(f"{opened.width} × {opened.height} pixels")
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPhoto(str(error)) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue(), picture.width, picture.height
