"""Photographs for readers: small, upright, and without the place, the time and the camera."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from psf.files.types import PICTURE

MEGAPIXEL = 1_000_000
MAX_PIXELS = 50 * MEGAPIXEL  # by the head of the file, before anything is unpacked
MAX_SIDE = 1200  # pixels of a stored picture


def picture_of(file: UploadedFile) -> bytes:
    """The pixels of an uploaded JPG or PNG as WebP, without any other data of the file.

    Raises `ValidationError` with a sentence.
    """
    file.seek(0)
    try:
        image: Image.Image = Image.open(file, formats=["JPEG", "PNG"])
        if image.width * image.height <= MAX_PIXELS:
            image.thumbnail((MAX_SIDE, MAX_SIDE))
            if image.mode == "I;16":  # grey of 16 bits, of which Pillow would make white
                image = image.point(lambda value: value / 256).convert("L")
            return _pixels(ImageOps.exif_transpose(image).convert("RGBA"))
    except Image.DecompressionBombError:
        pass
    except Exception:  # a damaged picture can raise nearly any exception
        sentence = _("The file is damaged, or no picture in JPG or PNG.")
        raise ValidationError(sentence) from None
    most = {"most": MAX_PIXELS // MEGAPIXEL}
    raise ValidationError(_("The picture has more than %(most)d megapixels.") % most)


def _pixels(image: Image.Image) -> bytes:
    image.info.clear()
    content = BytesIO()
    image.save(content, PICTURE, quality=80)
    return content.getvalue()
