"""Everything about one project in one archive, for auditors."""

from .archive import File, zipped
from .parts import contacts, files_of

__all__ = ["File", "contacts", "files_of", "zipped"]
