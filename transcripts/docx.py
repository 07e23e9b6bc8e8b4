"""Writes words as a Word document."""

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from docx import Document
from docx.document import Document as Page
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor

from recordings.providers.formats.times import is_known, write_clock
from recordings.providers.snapshots import Utterance

SPEAKER, TIME = "Speaker", "Time"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML
_BREAKS = re.compile("(\t|\r\n|\r|\n)")


def write_docx(
    title: str, facts: Sequence[tuple[str, str]], utterances: Iterable[Utterance], *, has_times: bool = True
) -> bytes:
    """A document with a heading, the facts, and a paragraph an utterance: ``Ana 0:01:02``, then the words."""
    page = _blank(title)
    page.add_heading(_clean(title), level=1)
    page.add_paragraph("\n".join(f"{_clean(name)}: {_clean(value)}" for name, value in facts))
    last = page.element.body[-1]  # the section's properties stay the last
    for utterance in utterances:
        if utterance.text.strip():
            last.addprevious(_paragraph(utterance, has_times=has_times))
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def _blank(title: str) -> Page:
    page = Document()
    page.core_properties.title = _clean(title)[:255]
    page.core_properties.author = "Tapedeck"
    speaker = page.styles.add_style(SPEAKER, WD_STYLE_TYPE.CHARACTER)
    speaker.font.bold = True
    time = page.styles.add_style(TIME, WD_STYLE_TYPE.CHARACTER)
    time.font.size = Pt(9)
    time.font.color.rgb = RGBColor(0x55, 0x55, 0x55)
    return page


def _paragraph(utterance: Utterance, *, has_times: bool) -> BaseOxmlElement:
    # Made of elements: the library's own paragraphs take four times as long for an afternoon of speech.
    paragraph = OxmlElement("w:p")
    is_rightward = _is_rightward(utterance.text)
    if is_rightward:
        properties = OxmlElement("w:pPr")
        properties.append(OxmlElement("w:bidi"))
        paragraph.append(properties)
    start = utterance.start
    time = write_clock(start)[:-4] if has_times and start is not None and is_known(start) else ""
    head = [(utterance.speaker.strip(), SPEAKER), (time, TIME)]
    shown = [(text, style) for text, style in head if text]
    for number, (text, style) in enumerate(shown):
        paragraph.append(_run(f" {text}" if number else text, style=style))
    paragraph.append(_run(f"\n{utterance.text}" if shown else utterance.text, is_rightward=is_rightward))
    return paragraph


def _run(text: str, *, style: str = "", is_rightward: bool = False) -> BaseOxmlElement:
    run = OxmlElement("w:r")
    if style or is_rightward:
        properties = OxmlElement("w:rPr")
        if style:
            properties.append(OxmlElement("w:rStyle", {qn("w:val"): style}))
        if is_rightward:
            properties.append(OxmlElement("w:rtl"))
        run.append(properties)
    for part in _BREAKS.split(_clean(text)):
        if part == "\t":
            run.append(OxmlElement("w:tab"))
        elif part.strip("\r\n"):
            piece = OxmlElement("w:t", {qn("xml:space"): "preserve"})
            piece.text = part
            run.append(piece)
        elif part:
            run.append(OxmlElement("w:br"))
    return run


def _is_rightward(text: str) -> bool:
    """Whether the first letter with a direction is read from right to left."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each for each in directions if each in {"L", "R", "AL"}), "L") != "L"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
