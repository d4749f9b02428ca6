"""Articles as files, each written by a program that has nothing to do with its reader."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from bench.collection import Article

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PDF = "application/pdf"

_CHINESE = "STSong-Light"  # a font that every reader of PDFs has
_NOT_WESTERN = re.compile(r"[^\x00-\xff–—‘’“”œŒ…]+")


def docx(article: Article) -> bytes:
    """Write a Word document with python-docx: a title and paragraphs."""
    from docx import Document

    document = Document()
    document.add_heading(article.title, 0)
    for paragraph in article.paragraphs:
        document.add_paragraph(paragraph)
    return _saved(document.save)


def pptx(article: Article) -> bytes:
    """Write slides with python-pptx: a title slide, then one for each paragraph."""
    from pptx import Presentation

    deck = Presentation()
    title, content = deck.slide_layouts[0], deck.slide_layouts[1]
    deck.slides.add_slide(title).placeholders[0].text = article.title
    for paragraph in article.paragraphs:
        slide = deck.slides.add_slide(content)
        slide.placeholders[0].text = article.title
        slide.placeholders[1].text = paragraph
    return _saved(deck.save)


def pdf(article: Article) -> bytes:
    """Write a PDF with ReportLab: justified lines, paragraphs over page ends, page numbers."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    styles = getSampleStyleSheet()
    body = (_NOT_WESTERN.sub(_in_chinese, escape(text)) for text in article.paragraphs)
    story: list[Flowable] = [Paragraph(escape(article.title), styles["Title"])]
    story += [Paragraph(text, styles["BodyText"]) for text in body]
    target = io.BytesIO()
    SimpleDocTemplate(target, title=article.title).build(
        story, onFirstPage=_numbered, onLaterPages=_numbered
    )
    return target.getvalue()


def _in_chinese(found: re.Match[str]) -> str:
    return f'<font name="{_CHINESE}">{found[0]}</font>'


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(document.pagesize[0] / 2, 40, str(document.page))


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()
