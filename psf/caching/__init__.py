"""The data version, values cached until the data change, and the page cache."""
