"""The feed of editions: Atom 1.0, newest first."""

from xml.sax.saxutils import escape, quoteattr

from nq57lab.base import wording
from nq57lab.site.content import Content


def atom(content: Content) -> str:
    """Return the feed; addresses are relative to it, as the site's own are."""
    newest = max((entry["known"] for entry in content.reports), default=content.known.isoformat())
    programme = content.catalogue.programme
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi">',
        f"<title>Báo cáo {escape(wording.lowered(programme.title))}</title>",
        f"<id>urn:nq57:{content.audience}</id>",
        f"<updated>{newest}T00:00:00Z</updated>",
        f"<author><name>{escape(programme.head.get('co_quan', programme.name).replace('|', ' '))}</name></author>",
        '<link rel="self" href="feed.xml"/>',
    ]
    for entry in content.reports:
        links = "".join(
            f'<link rel="alternate" href={quoteattr("bao-cao/" + path)} title={quoteattr(text)}/>'
            for path, text in entry["links"][:3]
        )
        lines.append(
            f"<entry><title>{escape(entry['title'])}</title><id>urn:nq57:an-ban:{escape(entry['edition'])}</id>"
            f"<updated>{entry['known']}T00:00:00Z</updated>{links}</entry>"
        )
    return "\n".join([*lines, "</feed>"]) + "\n"
