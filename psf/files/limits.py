"""The largest files that staff may upload."""

MEGABYTE = 1_000_000
MAX_BYTES = 10 * MEGABYTE
MAX_UNPACKED_BYTES = 200 * MEGABYTE  # of the parts of a document
