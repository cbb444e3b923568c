"""The description in XMP: found, changed in its own text, and written anew. XML with a DOCTYPE is refused."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, unescape

DC = "{http://purl.org/dc/elements/1.1/}description"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SPAN = re.compile(r"<dc:description>\s*<rdf:Alt>\s*<rdf:li[^>]*>([^<]*)</rdf:li>")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}
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
        root = ElementTree.fromstring(packet.strip(b"\x00 \r\n\t"))
    except ElementTree.ParseError as error:
        raise ValueError(f"its XMP is no sound XML ({error})") from None
    entries = [entry for found in root.iter(DC) for entry in found.iter(f"{_RDF}li")]
    entries.sort(key=lambda entry: entry.get(_LANG) != "x-default")
    texts = [entry.text.strip() for entry in entries if entry.text and entry.text.strip()]
    return texts[0] if texts else None


def raw_description(packet: str) -> str | None:
    """The description's own text in the packet, where it can be replaced."""
    found = _SPAN.search(packet)
    return found[1] if found and unescape(found[1], _ENTITIES).strip() else None


def with_description(packet: str, raw: str) -> str:
    """The packet with another text for its description. Raises ValueError where it has none that can be replaced."""
    found = _SPAN.search(packet)
    if found is None:
        raise ValueError("it has no description that can be replaced")
    return packet[: found.start(1)] + raw + packet[found.end(1) :]


def xml_text(text: str) -> str:
    """A text as XML has it; characters that XML cannot hold are left out."""
    return escape("".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff")))


def new_packet(text: str) -> str:
    """A packet with a description alone."""
    return _NEW.format(xml_text(text))
