import re
import tomllib
from pathlib import Path

import plotly.graph_objects as go
import pytest

from app.figures import style

APP = Path(style.__file__).resolve().parents[1]
BACKGROUNDS = ("paper", "panel", "sidebar")
TEXT = ("ink", "ink2", "ink3", "accent", "lands", "departs", "surprise", "not_judged")


@pytest.mark.parametrize("mode", style.MODES)
def test_text_roles_keep_the_contrast_of_text(mode):
    roles = style.palette(mode)
    for name in TEXT:
        for background in BACKGROUNDS:
            assert style.contrast(roles[name], roles[background]) >= 4.5, (name, background)


@pytest.mark.parametrize("mode", style.MODES)
@pytest.mark.parametrize("of", range(1, style.MOST_MODES + 1))
def test_every_curve_and_its_label_can_be_seen_on_the_panel(mode, of):
    panel = style.palette(mode)["panel"]
    for k in range(of):
        assert style.contrast(style.colour(style.series(k, of), mode), panel) >= 3
        assert style.contrast(style.colour(style.series(k, of, "text"), mode), panel) >= 4.5


def test_config_and_style_agree():
    theme = tomllib.loads((APP / ".streamlit" / "config.toml").read_text())["theme"]
    keys = {
        "primaryColor": "accent",
        "linkColor": "accent",
        "textColor": "ink",
        "borderColor": "rule",
        "backgroundColor": "paper",
        "greenTextColor": "lands",
        "orangeTextColor": "departs",
        "violetTextColor": "surprise",
        "grayTextColor": "not_judged",
    }
    for mode in style.MODES:
        roles = style.palette(mode)
        for key, role in keys.items():
            assert theme[mode][key] == roles[role], (mode, key)
        assert theme[mode]["sidebar"]["backgroundColor"] == roles["sidebar"]
        assert theme[mode]["sidebar"]["borderColor"] == roles["rule2"]
    assert theme["dark"]["secondaryBackgroundColor"] == style.palette("dark")["panel"]
    assert tuple(theme["chartCategoricalColors"]) == style.SERIES["light"]


def test_hex_values_live_in_style_alone():
    for path in APP.rglob("*.py"):
        if path.name != "style.py":
            found = re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text("utf-8"))
            assert not found, (path, found)


def test_roles_resolve_everywhere_in_a_figure():
    figure = go.Figure(
        data=[{"type": "scatter", "y": [1, 2], "line": {"color": "role:series0"}}],
        layout={
            "template": style.TEMPLATE,
            "shapes": [{"type": "line", "line": {"color": "role:ink/0.5"}}],
        },
        _validate=False,
    )
    text = style.resolved(figure, "dark").to_json()
    assert text is not None
    assert "role:" not in text
    assert style.palette("dark")["series0"] in text
    assert "rgba(236,234,228,0.5)" in text


def test_an_unknown_role_is_an_error():
    with pytest.raises(KeyError):
        style.colour("role:puce", "light")
