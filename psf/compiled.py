"""Readers' templates, compiled ahead: compiling those of one page takes longer than making it."""

from contextlib import suppress

import jinja2
from django.conf import settings
from jinja2 import Environment
from jinja2.bccache import Bucket, FileSystemBytecodeCache


class Compiled(FileSystemBytecodeCache):
    """Templates as `compile_all()` left them in a folder, which nobody else writes to.

    One that is not there, cannot be read, or is of another text or another Jinja is compiled
    where it is needed, as without the folder.
    """

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(f"{jinja2.__version__} {source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(Exception):  # there is no end to what a damaged file can raise
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Leave the folder alone."""


def compile_all(environment: Environment) -> None:
    """Compile every template, even where its text is the same: functions may have changed."""
    assert environment.loader
    settings.COMPILED_TEMPLATES.mkdir(parents=True, exist_ok=True)
    ahead, folder = (
        kind(str(settings.COMPILED_TEMPLATES)) for kind in [Compiled, FileSystemBytecodeCache]
    )
    folder.clear()
    for name in environment.list_templates():
        source, filename, _is_current = environment.loader.get_source(environment, name)
        bucket = ahead.get_bucket(environment, name, filename, source)
        bucket.code = environment.compile(source, name, filename)
        folder.dump_bytecode(bucket)
