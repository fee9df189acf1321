"""The largest files that staff may upload."""

MEGABYTE = 1_000_000
MAX_BYTES = 10 * MEGABYTE
MAX_UNPACKED_BYTES = 200 * MEGABYTE  # of the parts of a document
MAX_PARTS = 10_000  # of a document
DIRECTORY_ENTRY = b"PK\x01\x02"  # the beginning of each entry in the directory of an archive
