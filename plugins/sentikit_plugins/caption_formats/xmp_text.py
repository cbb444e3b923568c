"""The description in XMP: found, changed in its own text, and written anew. XML with a DOCTYPE is refused."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sentikit.io.messages import show

DC = "{http://purl.org/dc/elements/1.1/}description"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SPAN = re.compile(r"<dc:description>\s*<rdf:Alt>\s*<rdf:li[^>]*>([^<]*)</rdf:li>")
_LARGEST = 16 << 20
_NEW = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">{}</rdf:li>
    </rdf:Alt>
   </dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def description(packet: bytes) -> str | None:
    """The description that an XMP packet has, in its default language. Raises ValueError for what is no XMP."""
    if len(packet) > _LARGEST:
        raise ValueError(f"its XMP has more than {_LARGEST >> 20} MiB")
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        raise ValueError("its XMP has a DOCTYPE, which is not read")
    try:
        text = packet.strip(b"\x00 \r\n\t").decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise ValueError("its XMP is not UTF-8") from None
    try:
        root = ElementTree.fromstring(text)  # a text, so that no encoding that it names can hide a DOCTYPE
    except ElementTree.ParseError as error:
        raise ValueError(f"its XMP is no sound XML ({error})") from None
    entries = [entry for found in root.iter(DC) for entry in found.iter(f"{_RDF}li")]
    entries.sort(key=lambda entry: entry.get(_LANG) != "x-default")
    texts = [entry.text.strip() for entry in entries if entry.text and entry.text.strip()]
    return texts[0] if texts else None


def raw_description(packet: str) -> str | None:
    """The description's own text in the packet, where it can be replaced."""
    text = description(packet.encode("utf-8"))
    found = _span(packet, text) if text else None
    return found[1] if found else None


def _span(packet: str, text: str | None) -> re.Match[str] | None:
    """Where a description that says this stands; the first of another language or in a comment is passed over."""
    for found in _SPAN.finditer(packet):
        if text_of(found[1]) == text:
            return found
    return None


def with_description(packet: str, raw: str) -> str:
    """The packet with another text for its description. Raises ValueError where it has none that can be replaced."""
    wanted = text_of(raw)
    if wanted is None:
        raise ValueError(f"{show(raw)} is no description")
    found = _span(packet, description(packet.encode("utf-8")))
    if found is not None:
        new = packet[: found.start(1)] + raw + packet[found.end(1) :]
        if description(new.encode("utf-8")) == wanted:
            return new
    raise ValueError("it has no description that can be replaced")


def text_of(raw: str) -> str | None:
    """The text that an XML element with this content says; None for none, or for what is more than text."""
    try:
        element = ElementTree.fromstring(f"<a>{raw}</a>")
    except (ElementTree.ParseError, UnicodeEncodeError):
        return None
    return None if len(element) else (element.text or "").strip() or None


def xml_text(text: str) -> str:
    """A text as XML has it; characters that XML cannot hold are left out."""
    kept = "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
    return escape(kept.replace("\ufffe", "").replace("\uffff", ""), {"\r": "&#13;"})


def new_packet(text: str) -> str:
    """A packet with a description alone."""
    return _NEW.format(xml_text(text))
