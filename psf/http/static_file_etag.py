import os
from wsgiref.headers import Headers


def add_weak_etag(headers: Headers, path: str, url: str) -> None:
    """Give a file one weak tag, whether it is sent plain or compressed."""
    stat = os.stat(path)
    headers["ETag"] = f'W/"{int(stat.st_mtime):x}-{stat.st_size:x}"'
