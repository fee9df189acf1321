import os
from wsgiref.headers import Headers


def add_weak_etag(headers: Headers, path: str, url: str) -> None:
    """One tag for all that a file is sent as: plain, gzip or brotli differ in bytes alone."""
    stat = os.stat(path)
    headers["ETag"] = f'W/"{int(stat.st_mtime):x}-{stat.st_size:x}"'
