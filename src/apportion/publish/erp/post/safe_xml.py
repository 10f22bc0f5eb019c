"""XML that a server sent, read without document types and entities, and within bounds."""

from __future__ import annotations

from xml.parsers import expat

_MOST_ELEMENTS = 200_000
_DEEPEST = 64
_MOST_BYTES = 8_000_000


class NotXml(ValueError):
    """It isn't XML that may be read."""


class Element:
    """An element by its local name: its text, and what lies in it."""

    __slots__ = ("children", "name", "pieces")

    def __init__(self, name: str) -> None:
        self.name = name
        self.pieces: list[str] = []
        self.children: list[Element] = []

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def all(self, name: str) -> list[Element]:
        """Every element of a name within this one, in order."""
        found = []
        for child in self.children:
            if child.name == name:
                found.append(child)
            found += child.all(name)
        return found

    def first(self, name: str) -> str:
        """The trimmed text of the first element of a name within this one, or nothing."""
        found = self.all(name)
        return found[0].text.strip() if found else ""


def read_xml(body: bytes) -> Element:
    """The root of a document; raises NotXml, for document types and entities as well.

    >>> read_xml(b'<a xmlns="urn:x"><b> 7 </b></a>').first("b")
    '7'
    >>> read_xml(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
    Traceback (most recent call last):
    apportion.publish.erp.post.safe_xml.NotXml: it has a document type
    """
    if len(body) > _MOST_BYTES:
        raise NotXml("it is too long")
    parser = expat.ParserCreate(namespace_separator=" ")
    top = Element("")
    stack, count = [top], 0

    def start(name: str, _attributes: object) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS or len(stack) > _DEEPEST:
            raise NotXml("it has too many elements")
        made = Element(name.rpartition(" ")[2])
        stack[-1].children.append(made)
        stack.append(made)

    def end(_name: str) -> None:
        stack.pop()

    def text(said: str) -> None:
        stack[-1].pieces.append(said)

    def refuse(*_: object) -> int:
        raise NotXml("it has a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as fault:
        if isinstance(fault, NotXml):
            raise
        raise NotXml("it is no sound XML") from None
    return top.children[0]
