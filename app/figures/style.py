"""Colours, dashes and the Plotly template of every figure: the only place with hex values.

A figure names its colours by role, as `"role:ink"` or `"role:series0/0.2"` (with opacity), so that
one figure serves light and dark: the browser resolves the roles with `palette`, `resolved` here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import plotly.colors
import plotly.graph_objects as go

Mode = Literal["light", "dark"]
MODES: tuple[Mode, ...] = ("light", "dark")

PAGE: dict[Mode, dict[str, str]] = {
    "light": {
        "paper": "#FCFBF8",
        "panel": "#FFFFFF",
        "sidebar": "#F4F2EC",
        "ink": "#1B1F24",
        "ink2": "#4A5159",
        "ink3": "#646B72",
        "rule": "#DEDAD0",
        "grid": "#EFECE5",
        "rule2": "#8A8D8A",
        "accent": "#0B5A8A",
        "accent_tint": "#E8F0F5",
        "on_accent": "#FFFFFF",
        "lands": "#00704F",
        "lands_tint": "#E4F2EC",
        "departs": "#A84300",
        "departs_tint": "#FBEDE1",
        "surprise": "#8E2A6B",
        "surprise_tint": "#F7E8F1",
        "not_judged": "#5C636A",
        "not_judged_tint": "#EFEDE7",
    },
    "dark": {
        "paper": "#14171A",
        "panel": "#1A1E22",
        "sidebar": "#101315",
        "ink": "#ECEAE4",
        "ink2": "#B9BDBF",
        "ink3": "#9AA1A6",
        "rule": "#2E343A",
        "grid": "#262B30",
        "rule2": "#737B82",
        "accent": "#6FB7E6",
        "accent_tint": "#1D2B36",
        "on_accent": "#0D1419",
        "lands": "#4CCBA0",
        "lands_tint": "#17302A",
        "departs": "#F5974F",
        "departs_tint": "#352417",
        "surprise": "#E79BC6",
        "surprise_tint": "#33202C",
        "not_judged": "#A4AAAE",
        "not_judged_tint": "#24292D",
    },
}

STUDENTS = (
    "#0069A6", "#B54F00", "#007F5C", "#A04A79", "#6B4FA0", "#8A6100",
    "#A8323E", "#2F6F8F", "#4D7A1F", "#7A4A2B", "#3D5A9E", "#8E2A6B",
)  # fmt: skip
"""What students' numbers in a room go through; white words are read on each, in both modes."""

SERIES: dict[Mode, tuple[str, ...]] = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
    "dark": ("#56B4E9", "#D55E00", "#009E73", "#CC79A7"),
}
SERIES_TEXT: dict[Mode, tuple[str, ...]] = {
    "light": ("#0069A6", "#B54F00", "#007F5C", "#A04A79"),
    "dark": ("#56B4E9", "#F08A3C", "#2FBF93", "#DB93B8"),
}
BAND_ALPHA: dict[Mode, float] = {"light": 0.20, "dark": 0.32}

MOST_HUES = 4
MOST_MODES = 8
# The part of cividis that keeps a contrast of 3 against the panel.
ORDERED_SPAN: dict[Mode, tuple[float, float]] = {"light": (0.0, 0.56), "dark": (0.42, 1.0)}
# The part that keeps 4.5, for words in the colour of a line.
ORDERED_TEXT_SPAN: dict[Mode, tuple[float, float]] = {"light": (0.0, 0.47), "dark": (0.56, 1.0)}

THEORY = {"width": 1.75, "color": "role:ink", "dash": "6px,4px"}
THEORY_OF_MANY = {"width": 1.0, "color": "role:ink", "dash": "4px,6px"}
"""Of more curves than there are colours for."""
SECOND_THEORY = {"width": 1.3, "color": "role:ink2", "dash": "13px,4px,2px,4px"}
COMPARED_THEORY = {"width": 1.5, "color": "role:ink2", "dash": "12px,3px"}
PREDICTED = {"width": 1.2, "color": "role:rule2", "dash": "1.5px,3px"}
BASELINE = {"width": 1.4, "color": "role:rule2", "dash": "1.5px,6px"}
TOLERANCE = {"width": 1.6, "color": "role:ink2", "dash": "1.5px,3px"}
RUN_WIDTH = 2.9
RUN_WIDTH_OF_MANY = 1.4
"""Of more curves than there are colours for."""
RUN_WIDTH_WITH_DOTS, DOT_SIZE, DOTS_UP_TO = 1.9, 5, 80

SANS = '"Source Sans", sans-serif'
CIVIDIS: list[list[Any]] = [
    [i / (len(plotly.colors.sequential.Cividis) - 1), colour]
    for i, colour in enumerate(plotly.colors.sequential.Cividis)
]


def _rgb(colour: str) -> tuple[int, int, int]:
    if colour.startswith("#"):
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
    red, green, blue = (round(float(part)) for part in colour[4:-1].split(","))
    return red, green, blue


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02X}{:02X}{:02X}".format(*rgb)


def _with_alpha(colour: str, alpha: float) -> str:
    return "rgba({},{},{},{:g})".format(*_rgb(colour), alpha)


def luminance(colour: str) -> float:
    """Relative luminance of an opaque colour (WCAG 2.2)."""
    channels = np.asarray(_rgb(colour)) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two opaque colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _cividis(at: float) -> str:
    stops = np.array([_rgb(colour) for _, colour in CIVIDIS], float)
    places = np.array([place for place, _ in CIVIDIS])
    red, green, blue = (round(float(np.interp(at, places, stops[:, c]))) for c in range(3))
    return _hex((red, green, blue))


def on_map(at: float) -> str:
    """White or black, whichever reads better on the map's colour at 0..1."""
    ground = _cividis(min(max(at, 0.0), 1.0))
    return max(("#FFFFFF", "#000000"), key=lambda ink: contrast(ink, ground))


@cache
def _palette(mode: Mode) -> dict[str, str]:
    roles = dict(PAGE[mode])
    for k in range(MOST_HUES):
        roles[f"series{k}"] = SERIES[mode][k]
        roles[f"text{k}"] = SERIES_TEXT[mode][k]
        roles[f"band{k}"] = _with_alpha(SERIES[mode][k], BAND_ALPHA[mode])
    lo, hi = ORDERED_SPAN[mode]
    for n in range(MOST_HUES + 1, MOST_MODES + 1):
        for k in range(n):
            at = lo + (hi - lo) * k / (n - 1)
            line = _cividis(at)
            roles[f"ordered{n}_{k}"] = line
            roles[f"ordered{n}_{k}_text"] = _cividis(float(np.clip(at, *ORDERED_TEXT_SPAN[mode])))
            roles[f"ordered{n}_{k}_band"] = _with_alpha(line, BAND_ALPHA[mode])
    return roles


def palette(mode: Mode) -> dict[str, str]:
    """Every colour role of one mode as a CSS colour; plain data, for the browser."""
    return dict(_palette(mode))


def series(k: int, of: int = 1, kind: Literal["line", "text", "band"] = "line") -> str:
    """Role of run curve k among `of` ordered ones; more than four hues become cividis."""
    if of <= MOST_HUES:
        word = {"line": "series", "text": "text", "band": "band"}[kind]
        return f"role:{word}{k % MOST_HUES}"
    n = min(of, MOST_MODES)
    k = min(k, n - 1) if of == n else round(min(k, of - 1) * (n - 1) / (of - 1))
    return f"role:ordered{n}_{k}" + {"line": "", "text": "_text", "band": "_band"}[kind]


def colour(role: str, mode: Mode) -> str:
    """CSS colour of a role string, `role:name` or `role:name/alpha`; anything else unchanged.

    Raises:
        KeyError: a role that does not exist.
    """
    if not role.startswith("role:"):
        return role
    name, _, alpha = role.removeprefix("role:").partition("/")
    found = _palette(mode)[name]
    return _with_alpha(found, float(alpha)) if alpha else found


def coloured(value: Any, mode: Mode) -> Any:
    """Plain data of a figure with every role in it replaced by its colour; arrays stay."""
    if isinstance(value, str):
        return colour(value, mode)
    if isinstance(value, dict):
        return {key: coloured(entry, mode) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [coloured(entry, mode) for entry in value]
    return value


def resolved(figure: go.Figure, mode: Mode) -> go.Figure:
    """A copy of the figure with every role replaced by its colour, for a static picture."""
    plain = figure.to_plotly_json()
    return go.Figure(data=coloured(plain["data"], mode), layout=coloured(plain["layout"], mode))


MARGIN = {"l": 58, "r": 18, "t": 22, "b": 46, "pad": 0}

AXIS: dict[str, Any] = {
    "showline": True,
    "linecolor": "role:rule2",
    "linewidth": 1,
    "ticks": "outside",
    "ticklen": 4,
    "tickwidth": 1,
    "tickcolor": "role:rule2",
    "tickfont": {"size": 13, "color": "role:ink2"},
    "title": {"font": {"size": 14, "color": "role:ink"}, "standoff": 8},
    "gridcolor": "role:grid",
    "gridwidth": 1,
    "zeroline": False,
    "automargin": False,
    "nticks": 7,
    "separatethousands": True,
    "minexponent": 4,
    "exponentformat": "power",
}

TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": SANS, "size": 13, "color": "role:ink2"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": MARGIN,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": "role:panel",
            "bordercolor": "role:rule2",
            "font": {"family": SANS, "size": 13, "color": "role:ink"},
        },
        "separators": ".\u2009",
        "colorway": [f"role:series{k}" for k in range(MOST_HUES)],
        "dragmode": "zoom",
        "xaxis": AXIS,
        "yaxis": AXIS | {"ticklabeloverflow": "allow"},  # never out of room, slow to check
    }
}
