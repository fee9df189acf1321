"""Photographs for readers: small, upright, and without the place, the time and the camera."""

from io import BytesIO
from threading import Lock

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from psf.files.types import PICTURE

MEGAPIXEL = 1_000_000
# By the head of the file, before anything is unpacked: about 150 MB of memory at most.
MAX_PIXELS = 50 * MEGAPIXEL  # of a JPG from a camera, which is unpacked at a fraction of its size
MAX_PIXELS_UNPACKED = 25 * MEGAPIXEL  # of a PNG
MAX_PIXELS_UNPACKED_TWICE = 15 * MEGAPIXEL  # of a PNG with transparency, or a progressive JPG
MAX_SIDE = 1200  # pixels of a stored picture

_unpacking = Lock()  # so that a process unpacks one at a time


def picture_of(file: UploadedFile) -> bytes:
    """The pixels of an uploaded JPG or PNG as WebP, without any other data of the file.

    Raises `ValidationError` with a sentence.
    """
    file.seek(0)
    most = MAX_PIXELS
    try:
        image: Image.Image = Image.open(file, formats=["JPEG", "PNG"])
        most = _most_pixels(image)
        if image.width * image.height <= most:
            with _unpacking:
                image.draft(None, (MAX_SIDE, MAX_SIDE))
                image.thumbnail((MAX_SIDE, MAX_SIDE))
            if image.mode == "I;16":  # grey of 16 bits, of which Pillow would make white
                image = image.point(lambda value: value / 256).convert("L")
            return _pixels(ImageOps.exif_transpose(image).convert("RGBA"))
    except Image.DecompressionBombError:
        pass
    except Exception:  # a damaged picture can raise nearly any exception
        sentence = _("The file is damaged, or no picture in JPG or PNG.")
        raise ValidationError(sentence) from None
    sentence = _(
        "The picture has more than %(most)d megapixels. Make it smaller, or save it as a JPG that "
        "is not progressive."
    )
    raise ValidationError(sentence % {"most": most // MEGAPIXEL})


def _most_pixels(image: Image.Image) -> int:
    if image.mode in ["RGBA", "LA"] or "progressive" in image.info:
        return MAX_PIXELS_UNPACKED_TWICE
    return MAX_PIXELS_UNPACKED if image.format == "PNG" else MAX_PIXELS


def _pixels(image: Image.Image) -> bytes:
    image.info.clear()
    content = BytesIO()
    image.save(content, PICTURE, quality=80)
    return content.getvalue()
