"""How much room a text takes on a slide: lines of runs in, lines and heights in points out.

Widths are Arial's, the font of the slides, by letter without its accents; they are rounded up, so that what fits here fits on the screen.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from nq57lab.publish.meeting.page import Run

LEADING = 1.2  # height of a line, in font sizes
_WIDTHS = {
    "ijl'|": 0.23,
    " .,:;/!tfI[]·": 0.29,
    'r()-"“”*': 0.36,
    "cksvxyzJ": 0.51,
    "FTZ": 0.62,
    "ABEKPSVXY&": 0.68,
    "CDHNRUw": 0.74,
    "GOQ": 0.79,
    "Mm": 0.85,
    "%": 0.9,
    "W…—": 1.0,
    "+=<>−≤≥●◐○▼◆": 0.61,
}
_LETTERS = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_BOLD, _OTHER = 1.08, 0.57


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in points.

    >>> width("iii", 20) < width("mmm", 20) and width("ế", 20) == width("e", 20)
    True
    """
    bare = (letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return sum(_LETTERS.get(letter, _OTHER) for letter in bare) * size * (_BOLD if bold else 1.0)


def _words(line: Iterable[Run]) -> list[list[tuple[Run, str]]]:
    """Cut a line into what is not broken: words, with the marks behind them; "\\n" stands alone."""
    words: list[list[tuple[Run, str]]] = [[]]
    for run in line:
        shown = f"({run.text})" if run.mark else run.text
        for place, part in enumerate(shown.replace("\n", " \n ").split(" ")):
            if place:
                words.append([])
            if part == "\n":
                words += [[(run, "\n")], []]
            elif part:
                words[-1].append((run, part))
    return [word for word in words if word]


def lines(line: Sequence[Run], size: float, room: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes in a box `room` points wide; an empty one takes one."""
    count, used = 1, 0.0
    for word in _words(line):
        if word[0][1] == "\n":
            count, used = count + 1, 0.0
            continue
        long = sum(width(text, size * (0.67 if run.mark else 1), bold or run.bold) for run, text in word)
        gap = width(" ", size) if used else 0.0
        if used and used + gap + long > room:
            count, used = count + 1, long
        else:
            used += gap + long
        while used > room:  # a word longer than the box is broken
            count, used = count + 1, used - room
    return count


def height(line: Sequence[Run], size: float, room: float, *, bold: bool = False) -> float:
    """Return the height of a text in points."""
    return lines(line, size, room, bold=bold) * size * LEADING
