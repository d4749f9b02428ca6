"""Google's documents and slides as Office files, with what Google's own exports keep of them.

A document's headings carry the bookmarks by which Google opens the document there
(`_heading=h.…`), and each shape of a slide has the slide's id in its name (`Google Shape;3;p2`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from sandbox.office import DOCUMENT_RELATIONS, TYPE, WORD, package, relationships

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_NAMES = f'xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}" xmlns:r="{DOCUMENT_RELATIONS}"'
_HEADING = re.compile(r"(#{1,6}) +(.+?)[ #]*")
_RULE = re.compile(r"\|?[ :|-]*--[ :|-]*")
_MARKUP = (
    (re.compile(r"^[ \t]*[-*] +"), ""),
    (re.compile(r"\*\*(.+?)\*\*"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
)


def document(markdown: str) -> bytes:
    """Write a document that was kept as Markdown: headings, tables, and a paragraph a line."""
    body = "".join(_body(markdown.replace("\r\n", "\n").split("\n")))
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        for level in range(1, 7)
    )
    return package(
        {
            "word/document.xml": TYPE + "wordprocessingml.document.main+xml",
            "word/styles.xml": TYPE + "wordprocessingml.styles+xml",
        },
        "word/document.xml",
        {
            "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
            "word/_rels/document.xml.rels": relationships({"rId1": ("styles", "styles.xml")}),
        },
    )


def _body(lines: list[str]) -> Iterator[str]:
    rows: list[str] = []
    for line in [*lines, ""]:
        if line.lstrip().startswith("|"):
            if not _RULE.fullmatch(line.strip()):
                rows.append(_row(line))
            continue
        if rows:
            yield f"<w:tbl>{''.join(rows)}</w:tbl>"
            rows = []
        if heading := _HEADING.fullmatch(line):
            yield _heading(len(heading[1]), heading[2])
        elif line.strip():
            listed = re.match(r"[ \t]*[-*] +", line) is not None
            style = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>' if listed else ""
            yield f"<w:p>{style}{_run(line)}</w:p>"


def _heading(level: int, text: str) -> str:
    name = "_heading=h." + hashlib.sha256(text.encode()).hexdigest()[:12]
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Heading{level}"/></w:pPr>'
        f'<w:bookmarkStart w:id="0" w:name="{name}"/><w:bookmarkEnd w:id="0"/>{_run(text)}</w:p>'
    )


def _row(line: str) -> str:
    cells = line.strip().strip("|").split("|")
    return (
        f"<w:tr>{''.join(f'<w:tc><w:p>{_run(cell.strip())}</w:p></w:tc>' for cell in cells)}</w:tr>"
    )


def _run(text: str) -> str:
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def slides(text: str) -> bytes:
    """Write slides that were kept as text: parted by empty lines, the first line the title."""
    decks = [part.split("\n") for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())]
    types = dict(_MASTER_TYPES)
    parts = dict(_MASTER_PARTS)
    links = {"rId0": ("slideMaster", "slideMasters/slideMaster1.xml")}
    ids = ""
    for number, (title, *lines) in enumerate(decks, start=1):
        path = f"slides/slide{number}.xml"
        types["ppt/" + path] = TYPE + "presentationml.slide+xml"
        links[f"rId{number}"] = ("slide", path)
        ids += f'<p:sldId id="{255 + number}" r:id="rId{number}"/>'
        shapes = _shape(number, 2, '<p:ph type="title"/>', [title])
        if lines:
            shapes += _shape(number, 3, '<p:ph type="body" idx="1"/>', lines)
        parts["ppt/" + path] = f"<p:sld {_NAMES}>{_tree(shapes)}</p:sld>"
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relationships(
            {"rId1": ("slideLayout", "../slideLayouts/slideLayout1.xml")}
        )
    parts["ppt/presentation.xml"] = (
        f'<p:presentation {_NAMES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId0"/>'
        f'</p:sldMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="9144000" cy="5143500"/>'
        '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>'
    )
    parts["ppt/_rels/presentation.xml.rels"] = relationships(links)
    return package(types, "ppt/presentation.xml", parts)


def _shape(slide: int, number: int, place: str, lines: list[str]) -> str:
    paragraphs = "".join(
        f"<a:p><a:r><a:t>{escape(line.strip())}</a:t></a:r></a:p>" for line in lines
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Google Shape;{number};p{slide}"/>'
        f"<p:cNvSpPr/><p:nvPr>{place}</p:nvPr></p:nvSpPr><p:spPr/>"
        f"<p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"
    )


def _tree(shapes: str) -> str:
    return (
        '<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        f"</p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld>"
    )


# What no presentation opens without: one master with one layout, and the plainest theme.
_COLOURS = ("dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_MAP = " ".join(
    f'{name}="{colour}"'
    for name, colour in zip(("tx1", "bg1", "tx2", "bg2", *_COLOURS[4:]), _COLOURS, strict=True)
)
_FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
_FONT = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>'
_THEME = (
    f'<a:theme {_NAMES} name="Plain"><a:themeElements><a:clrScheme name="Plain">'
    + "".join(
        f'<a:{name}><a:srgbClr val="{"FFFFFF" if name.startswith("lt") else "000000"}"/></a:{name}>'
        for name in _COLOURS
    )
    + f'</a:clrScheme><a:fontScheme name="Plain"><a:majorFont>{_FONT}</a:majorFont><a:minorFont>'
    f'{_FONT}</a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{_FILL * 3}'
    f"</a:fillStyleLst><a:lnStyleLst>{f'<a:ln>{_FILL}</a:ln>' * 3}</a:lnStyleLst><a:effectStyleLst>"
    f"{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}</a:effectStyleLst><a:bgFillStyleLst>"
    f"{_FILL * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
)
_MASTER_TYPES = {
    "ppt/presentation.xml": TYPE + "presentationml.presentation.main+xml",
    "ppt/slideMasters/slideMaster1.xml": TYPE + "presentationml.slideMaster+xml",
    "ppt/slideLayouts/slideLayout1.xml": TYPE + "presentationml.slideLayout+xml",
    "ppt/theme/theme1.xml": TYPE + "theme+xml",
}
_MASTER_PARTS = {
    "ppt/theme/theme1.xml": _THEME,
    "ppt/slideMasters/slideMaster1.xml": (
        f"<p:sldMaster {_NAMES}>{_tree('')}<p:clrMap {_MAP}/><p:sldLayoutIdLst>"
        '<p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>'
    ),
    "ppt/slideMasters/_rels/slideMaster1.xml.rels": relationships(
        {
            "rId1": ("slideLayout", "../slideLayouts/slideLayout1.xml"),
            "rId2": ("theme", "../theme/theme1.xml"),
        }
    ),
    "ppt/slideLayouts/slideLayout1.xml": f"<p:sldLayout {_NAMES}>{_tree('')}</p:sldLayout>",
    "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relationships(
        {"rId1": ("slideMaster", "../slideMasters/slideMaster1.xml")}
    ),
}
