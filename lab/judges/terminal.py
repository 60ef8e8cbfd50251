# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""What a program writes to a terminal, as an HTML page to be photographed.

Knows the colours that oldmem uses (38;2, 48;2, 38;5, 48;5, 0) and draws half
blocks itself, for fonts leave gaps between them.
"""

import html
import re


def color(words):
    """The CSS of `2;R;G;B` or `5;N`."""
    if words[0] == 2:
        return "rgb(%d,%d,%d)" % tuple(words[1:4])
    number = words[1]
    if number >= 232:
        return "rgb(%d,%d,%d)" % ((8 + 10 * (number - 232),) * 3)
    steps = (0, 95, 135, 175, 215, 255)
    red, rest = divmod(number - 16, 36)
    return "rgb(%d,%d,%d)" % (steps[red], steps[rest // 6], steps[rest % 6])


def page(text, ground="#14171a", ink="#e8ebee"):
    out = []
    front = back = None
    for part in re.split(r"(\x1b\[[0-9;]*m)", text):
        if part.startswith("\x1b["):
            words = [int(word or 0) for word in part[2:-1].split(";")]
            if words[0] == 0:
                front = back = None
            elif words[0] == 38:
                front = color(words[1:])
            elif words[0] == 48:
                back = color(words[1:])
            continue
        for piece in re.findall(r"[\u2580\u2584]+|[^\u2580\u2584]+", part):
            if piece[0] in "\u2580\u2584":
                halves = (front, back) if piece[0] == "\u2580" else (back, front)
                upper, lower = (half or ground for half in halves)
                out.append(f'<i style="background:linear-gradient({upper} 50%,'
                           f'{lower} 50%)">{" " * len(piece)}</i>')
            elif back:
                for index, line in enumerate(piece.split("\n")):
                    out.append("\n" * (index > 0) + (
                        f'<i style="background:{back}">{html.escape(line)}</i>'
                        if line else ""))
            else:
                out.append(html.escape(piece))
    return (f'<!DOCTYPE html><meta charset="utf-8"><style>body{{margin:0;'
            f'background:{ground};color:{ink}}}pre{{margin:0;padding:16px 20px;'
            f'display:inline-block;font:14px/18px "DejaVu Sans Mono",monospace}}'
            f'i{{display:inline-block;height:18px;vertical-align:top;'
            f'white-space:pre}}</style><pre>{"".join(out)}</pre>')
