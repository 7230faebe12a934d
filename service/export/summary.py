"""The readable summary of a ring: HTML that stands alone, and PDF."""

from __future__ import annotations

import io
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from service.export.dossier import Dossier
from service.model.decision import adding_up
from service.model.kinds import kinds

PICTURE_WIDTH = 480
CSS = """body{font:15px/1.55 system-ui,Arial,sans-serif;color:#171a26;max-width:900px;margin:40px auto;padding:0 20px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 8px;border-bottom:1px solid #e2e5ee;padding-bottom:4px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid #eef0f5;
vertical-align:top}td.n,th.n{text-align:right}svg{width:100%;height:auto;border:1px solid #e2e5ee;border-radius:8px}
.soft{color:#5a6278}code{font-size:13px;overflow-wrap:anywhere}"""


def facts(dossier: Dossier) -> list[tuple[str, str]]:
    """What the ring is, as pairs of name and value."""
    ring = dossier.ring
    pairs = [
        ("Score", f"{ring['score']:.0f} of 100 ({ring['level']})"),
        ("Accounts", f"{ring['size']:,}"),
        ("Status", ring["status"]),
        ("Active", f"{_day(ring['first_seen'])} to {_day(ring['last_seen'])} (UTC)"),
    ]
    if ring.get("uses"):
        share = ring.get("share_of_all_uses")
        pairs.append(("Requests", f"{ring['uses']:,}" + (f" ({_share(share)} of all)" if share else "")))
    pairs.append(("Detection run", f"{dossier.run.get('id', ring['run'])}, finished {dossier.run.get('finished_at')}"))
    if model := dossier.run.get("parameters", {}).get("model_version"):
        pairs.append(("Model", model))
    pairs.append(("Redaction", dossier.profile.meaning))
    return pairs


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"


def _points(ring: dict[str, Any]) -> list[str]:
    """Whole points of each reason, with their signs, that add up to the whole score."""
    points = adding_up([float(reason["points"]) for reason in ring["reasons"] or []], ring["score"], 0)
    return [f"{value:+.0f}" if value else "0" for value in points]


def _reasons(ring: dict[str, Any]) -> list[list[str]]:
    rows = zip(ring["reasons"] or [], _points(ring), strict=True)
    return [[reason["text"], points, _pairs(reason["evidence"])] for reason, points in rows]


def html(dossier: Dossier, svg: str) -> str:
    """The summary as one HTML file that loads nothing."""
    ring = dossier.ring
    reasons = [[escape(cell) for cell in row] for row in _reasons(ring)]
    held = [[_kind(h["kind"]), f"<code>{escape(h['id'])}</code>", f"{h['members']:,}"] for h in ring["held_by"]]
    members = [[f"<code>{escape(cells[0])}</code>", *map(escape, cells[1:])] for cells in _members(dossier)]
    journal = [[escape(cell) for cell in cells] for cells in _journal(dossier)]
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Ring {escape(ring['id'])}</title>",
        f"<style>{CSS}</style><h1>Ring {escape(ring['id'])}</h1>",
        "<p class='soft'>A group of accounts that share more than chance explains. Found by Ringsight.</p>",
        _html_table(["", ""], [[f"<b>{escape(name)}</b>", escape(value)] for name, value in facts(dossier)]),
        "<h2>Why it is a ring</h2>",
        _html_table(["Reason", "Points", "Evidence"], reasons),
        "<h2>Held together by</h2>",
        _html_table(["Kind", "Identifier", "Members that use it"], held) + f"<p class='soft'>{_left_out(dossier)}</p>",
        f"<h2>Picture</h2>{svg}",
        f"<h2>Firmest members ({len(members)} of {ring['size']:,})</h2>",
        _html_table(["Account", "Created (UTC)", "Belongs", "Risk", "Label"], members),
        "<h2>What people decided</h2>",
        _html_table(["When (UTC)", "Who", "What", "Note"], journal) if journal else "<p>Nothing yet.</p>",
        "<p class='soft'>Check this pack: <code>ringsight verify PACK</code></p></html>\n",
    ]
    return "\n".join(parts)


def pdf(dossier: Dossier, png: bytes) -> bytes:
    """The summary as PDF, A4."""
    ring = dossier.ring
    styles = getSampleStyleSheet()
    small = ParagraphStyle("small", parent=styles["BodyText"], fontSize=8.5, leading=11)
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, title=f"Ring {ring['id']}", author="Ringsight", topMargin=42, bottomMargin=42
    )

    def cells(row: list[str]) -> list[Paragraph]:
        return [Paragraph(escape(_printable(cell)), small) for cell in row]

    story: list[Flowable] = [Paragraph(f"Ring {escape(ring['id'])}", styles["Title"])]
    story += [_pdf_table([cells([name, value]) for name, value in facts(dossier)], [110, 370])]
    story += [Paragraph("Why it is a ring", styles["Heading2"])]
    reasons = [cells(row) for row in _reasons(ring)]
    story += [_pdf_table([cells(["Reason", "Points", "Evidence"]), *reasons], [250, 45, 185])]
    story += [Paragraph("Held together by", styles["Heading2"])]
    held = [cells([_kind(h["kind"]), h["id"], f"{h['members']:,}"]) for h in ring["held_by"]]
    story += [_pdf_table([cells(["Kind", "Identifier", "Members"]), *held], [90, 310, 80])]
    story += [Paragraph(_left_out(dossier), small)]
    picture = Image(io.BytesIO(png), PICTURE_WIDTH, PICTURE_WIDTH * 1000 / 1400)
    story += [Spacer(1, 10), picture, Paragraph("Firmest members", styles["Heading2"])]
    members = [cells(row) for row in _members(dossier)]
    head = cells(["Account", "Created (UTC)", "Belongs", "Risk", "Label"])
    story += [_pdf_table([head, *members], [190, 120, 55, 45, 70])]
    journal = [cells(row) for row in _journal(dossier)]
    if journal:
        story += [Paragraph("What people decided", styles["Heading2"])]
        story += [_pdf_table([cells(["When (UTC)", "Who", "What", "Note"]), *journal], [100, 90, 140, 150])]
    document.build(story)
    return out.getvalue()


def _pdf_table(rows: list[list[Paragraph]], widths: list[int]) -> Table:
    # A row goes on on the next page: a note may be longer than one.
    table = Table(rows, colWidths=widths, hAlign="LEFT", splitInRow=1)
    line = ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#dfe3ec"))
    table.setStyle(TableStyle([line, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return table


def _left_out(dossier: Dossier) -> str:
    """What is said below what holds the ring together."""
    count = dossier.held_left_out
    return f"{count} left out by the redaction: accounts outside the ring use them too." if count else ""


def _printable(text: str) -> str:
    """The PDF's fonts have the letters of Western Europe: others are written by their numbers, as \\u6f22, in place of
    black squares. The HTML has them."""
    return text.encode("cp1252", "backslashreplace").decode("cp1252")


def _html_table(head: list[str], rows: list[list[str]]) -> str:
    top = f"<tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>" if any(head) else ""
    return f"<table>{top}{''.join(f'<tr>{_cells(row)}</tr>' for row in rows)}</table>"


def _cells(row: list[str]) -> str:
    return "".join(f"<td>{cell}</td>" for cell in row)


def _members(dossier: Dossier) -> list[list[str]]:
    return [
        [m["id"], _moment(m["created_at"]), _part(m["strength"]), _part(m["risk"]), m["label"] or ""]
        for m in dossier.members
    ]


def _journal(dossier: Dossier) -> list[list[str]]:
    return [
        [
            _moment(a["at"]),
            a["who"],
            f"{a['subject']}: {a['before'] or 'no label'} to {a['after'] or 'no label'}"
            + (" (taken back)" if a["undone"] else ""),
            a["note"] or "",
        ]
        for a in dossier.actions
    ]


def _pairs(evidence: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in evidence.items())


def _kind(name: str) -> str:
    kind = kinds().by_name.get(name)
    return kind.word if kind else name


def _part(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _day(value: str | None) -> str:
    return value[:10] if value else "unknown"


def _moment(value: str | None) -> str:
    return value[:16].replace("T", " ") if value else ""
