"""The form of a staff page, as a browser would send it."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """The data that a browser would send with the form whose id ends in "_form"."""

    def __init__(self):
        super().__init__()
        self.data, self.inside, self.select, self.text = {}, False, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id", "").endswith("_form")
        if not self.inside:
            return
        name, kind = attrs.get("name"), attrs.get("type", "text")
        if tag == "input" and name and kind not in ["submit", "button"]:
            ticked = kind in ["checkbox", "radio"]
            if not ticked or "checked" in attrs:
                default = "on" if ticked else ""
                self.data.setdefault(name, []).append(attrs.get("value", default))
        elif tag == "textarea":
            self.text = name
            self.data[name] = [""]
        elif tag == "select":
            self.select = name
            self.data[name] = []
        elif tag == "option" and self.select and "selected" in attrs:
            self.data[self.select].append(attrs["value"])

    def handle_data(self, data):
        if self.text:
            self.data[self.text][0] += data.removeprefix("\n")  # browsers drop the first

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.text = None
        if tag == "select":
            self.select = None


def read_form(page: str) -> dict[str, list[str]]:
    """The values of each field of the form in a page."""
    reader = FormReader()
    reader.feed(page)
    return reader.data
