"""The data version, values cached until the data change, the page cache, and shared counts."""
