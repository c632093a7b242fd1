"""What a browser would make of a piece of HTML."""

from html.parser import HTMLParser


class Elements(HTMLParser):
    """Its elements with their attributes, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def attributes(self) -> set[str]:
        return {name for _, attributes in self.elements for name in attributes}
