"""Personal data: where a person is named, erasure on request, and deletion on time."""
