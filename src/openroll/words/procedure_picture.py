"""Draw a procedure: its steps as boxes down the page, with whose turn it is, what leads on, and what silence brings.

Own drawing, for a layout of one column needs no library, and one column is what a telephone has room for. All is one ink, the
reader's own (`currentColor`), so that it is right in the light and in the dark; what it says is said in words beside it too.
"""

import html

from openroll.rules.language import in_language
from openroll.rules.procedure import Procedure
from openroll.rules.procedure_order import Leg, in_order
from openroll.words.catalogue import gettext
from openroll.words.fitted import width, wrapped
from openroll.words.labels import words
from openroll.words.procedures import ACTS, SECTIONS, StepWords, step_words

_FONT = "system-ui, 'PingFang SC', 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
WIDE = 360
"""Units across; on a telephone one unit is about one CSS pixel."""
_LINE = 17
_SIZE = 12.5
_PAD = 10
_GAP = 30
"""From a box to the next, where an arrow stands."""
_ALONE = (
    "<style>svg{color:#241f1c;background:#fffdf8}"
    "@media(prefers-color-scheme:dark){svg{color:#ece6dc;background:#1b1815}}</style>"
)


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


class _Drawing:
    """A column of shapes, from the top down."""

    def __init__(self) -> None:
        self.y = 4.0
        self.shapes: list[str] = []

    def text(self, x: float, text: str, *, bold: bool = False, size: float = _SIZE) -> None:
        """Write lines of text at x, as many as it needs, and go down by them."""
        weight = ' font-weight="700"' if bold else ""
        for line in wrapped(text, WIDE - x - _PAD, size * (1.02 if bold else 0.94), most=6):
            said = html.escape(line)
            self.shapes.append(f'<text x="{x:g}" y="{self.y + 12:g}" font-size="{size:g}"{weight}>{said}</text>')
            self.y += _LINE

    def box(self, top: float, *, end: bool, owner: bool) -> None:
        """Draw the frame of what was written since `top`; round for an end, with a bar for a step that is somebody's."""
        tall, round_by = self.y - top, 16 if end else 4
        frame = f'<rect x="1" y="{top:g}" width="{WIDE - 2}" height="{tall:g}" rx="{round_by}" fill="none" '
        self.shapes.append(frame + 'stroke="currentColor" stroke-width="1.4"/>')
        if owner:
            self.shapes.append(f'<rect x="1" y="{top:g}" width="5" height="{tall:g}" fill="currentColor"/>')

    def dashes(self) -> None:
        """A dashed line across the box, above what silence brings."""
        line = f'<line x1="16" x2="{WIDE - _PAD}" y1="{self.y + 1:g}" y2="{self.y + 1:g}" '
        self.shapes.append(line + 'stroke="currentColor" stroke-dasharray="3 3" stroke-opacity="0.6"/>')
        self.y += 5

    def arrow(self, said: str, *, dashed: bool) -> None:
        """An arrow down to what follows, with what is done beside it; dashed where nothing is."""
        x, top, foot = 24, self.y, self.y + _GAP
        dash = ' stroke-dasharray="3 3"' if dashed else ""
        line = (
            f'<line x1="{x}" x2="{x}" y1="{top:g}" y2="{foot - 6:g}" stroke="currentColor" stroke-width="1.4"{dash}/>'
        )
        head = f'<path d="M{x - 5} {foot - 8:g}h10l-5 8z" fill="currentColor"/>'
        label = html.escape(said)
        self.shapes += [line, head, f'<text x="{x + 12}" y="{top + 19:g}" font-size="{_SIZE}">{label}</text>']
        self.y = foot


def procedure_picture(procedure: Procedure, lang: str, name: str, *, alone: bool = False) -> str:
    """A procedure as SVG in a language. `name` keeps its ids apart from others' on a page; `alone` has it bring its colours."""
    drawing = _Drawing()
    sections = in_order(procedure)
    for section in sections:
        drawing.text(1, words(lang, SECTIONS, section.how), bold=True, size=14)
        drawing.y += 4
        for number, leg in enumerate(section.legs):
            _step(drawing, procedure, leg, lang)
            follows = section.legs[number + 1].step.id if number + 1 < len(section.legs) else None
            _onward(drawing, procedure, leg, lang, follows)
        drawing.y += 12
    title = in_language(procedure.title, lang)
    alt = gettext(lang, _("The way of a request, drawn: {title}. The same stands in words beside it.")).format(
        title=title
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title" '
        f'viewBox="0 0 {WIDE} {drawing.y:g}" width="{WIDE}" height="{drawing.y:g}" '
        f'fill="currentColor" font-family="{html.escape(_FONT)}">'
    )
    style = _ALONE if alone else ""
    return f'{head}<title id="{name}-title">{html.escape(alt)}</title>{style}{"".join(drawing.shapes)}</svg>'


def _step(drawing: _Drawing, procedure: Procedure, leg: Leg, lang: str) -> None:
    said = step_words(lang, procedure, leg)
    top = drawing.y
    drawing.y += 7
    drawing.text(16, said.title, bold=True, size=13.5)
    drawing.text(16, said.turn)
    _ways(drawing, said)
    drawing.y += 6
    drawing.box(top, end=leg.step.end, owner=leg.step.owner is not None)


def _ways(drawing: _Drawing, said: StepWords) -> None:
    for way in said.elsewhere:
        drawing.text(16, f"↪ {way}")
    if said.silence:
        drawing.dashes()
        drawing.text(16, said.silence)


def _onward(drawing: _Drawing, procedure: Procedure, leg: Leg, lang: str, follows: str | None) -> None:
    if leg.on is None:
        drawing.y += 10 if follows else 0
        return
    act = leg.on.act
    drawing.arrow(words(lang, ACTS, act) if act else gettext(lang, _("when the time is over")), dashed=not act)
    if follows != leg.on.to:
        top = drawing.y
        title = in_language(procedure.step(leg.on.to).title, lang)
        drawing.y += 6
        drawing.text(16, f"↑ {title}")
        drawing.y += 4
        shape = (
            f'<rect x="1" y="{top:g}" width="{min(WIDE - 2, width(title) + 60):g}" height="{drawing.y - top:g}" rx="4" '
        )
        drawing.shapes.append(shape + 'fill="none" stroke="currentColor" stroke-dasharray="3 3"/>')
