"""What the live part uses of plotly.js beyond its public interface, in the bundle that is served.

panels/plotly.d.ts declares the same. A new Plotly that breaks one of these breaks the page.
"""

from __future__ import annotations

import ast
import gzip
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from plotly import graph_objects
from plotly.basedatatypes import BaseTraceType as Trace
from plotly.offline import get_plotlyjs_version

from app.live.component import ASSETS
from app.live.server import assets

pytestmark = pytest.mark.e2e
FIGURES = Path(__file__).resolve().parents[2] / "app" / "figures"
ADDRESS = "http://lmx.test"
SERVED = "/lmx/here/"
EMPTY = f"""<!doctype html><script src="/lmx/plotly.js"></script><div id="figure"></div>
<script>
  const drawing = document.querySelector("#figure");
  const module = (name) => import("{SERVED}" + name);
</script>"""
DRAW = "({data, layout}) => Plotly.react(drawing, data, layout).then(() => undefined)"
LAYOUT: dict[str, Any] = {
    "width": 400,
    "height": 300,
    "margin": {"l": 40, "r": 10, "t": 20, "b": 30, "pad": 0},
    "showlegend": False,
    "xaxis": {"range": [0, 10], "autorange": False, "automargin": False},
    "yaxis": {"range": [0, 2], "autorange": False, "automargin": False},
}
LINE = {"type": "scatter", "mode": "lines", "x": [1, 4, 9], "y": [0.5, 1.5, 1]}
TWO_PLOTS = {
    "xaxis": {"range": [0, 10], "domain": [0, 0.4]},
    "xaxis2": {"range": [0, 10], "domain": [0.6, 1]},
    "yaxis2": {"range": [0, 2], "anchor": "x2"},
}


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A page with the bundle that the app serves, and the live part's modules."""

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        name = path.removeprefix(SERVED)
        if path == "/":
            route.fulfill(body=EMPTY, content_type="text/html")
        elif path == "/lmx/plotly.js":
            route.fulfill(body=gzip.decompress(assets._plotly()), content_type="text/javascript")
        elif name in ASSETS:
            route.fulfill(body=ASSETS[name].read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(status=404, body="")

    context = browser.new_context()
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.route(f"{ADDRESS}/**", serve)
    page.goto(ADDRESS)
    yield page
    context.close()


def drawn(tab: Page, *data: dict[str, Any], **layout: Any) -> Page:
    """The page with a figure of these traces in it."""
    tab.evaluate("() => Plotly.purge(drawing)")
    tab.evaluate(DRAW, {"data": [{**trace} for trace in data], "layout": {**LAYOUT, **layout}})
    return tab


def test_the_bundle_is_of_the_installed_packages_version(tab: Page) -> None:
    assert tab.evaluate("() => Plotly.version") == get_plotlyjs_version()


def traced() -> set[str]:
    """Kinds of traces that the figures' source names."""
    known = [getattr(graph_objects, name) for name in dir(graph_objects)]
    kinds = {k.__name__.lower() for k in known if isinstance(k, type) and issubclass(k, Trace)}
    trees = [ast.parse(path.read_text("utf-8")) for path in FIGURES.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    words = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return {word for word in words if isinstance(word, str) and word in kinds}


def test_the_bundle_draws_every_kind_of_trace_that_figures_name(tab: Page) -> None:
    named = traced()
    assert {"scatter", "heatmap", "contour"} <= named
    assert named <= set(tab.evaluate("() => Object.keys(Plotly.PlotSchema.get().traces)"))


def test_axes_know_their_places_in_pixels(tab: Page) -> None:
    places = """() => {
        const {xaxis, yaxis} = drawing._fullLayout;
        return [xaxis._offset, xaxis._length, xaxis.d2p(5), yaxis._offset, yaxis._length,
            yaxis.d2p(0.5), yaxis.type];
    }"""
    found = drawn(tab, LINE).evaluate(places)
    assert found == [40, 350, 175, 20, 250, 187.5, "linear"]


def test_a_logarithmic_axis_takes_values_not_their_logarithms(tab: Page) -> None:
    drawn(tab, LINE, yaxis={"type": "log", "range": [-2, 2], "autorange": False})
    places = "() => [0.01, 1, 100].map((value) => drawing._fullLayout.yaxis.d2p(value))"
    assert tab.evaluate(places) == [250, 125, 0]
    assert tab.evaluate("() => Number.isFinite(drawing._fullLayout.yaxis.d2p(0))") is False


def test_the_axes_of_a_second_plot_are_found_by_the_names_its_traces_give(tab: Page) -> None:
    drawn(tab, LINE, {**LINE, "xaxis": "x2", "yaxis": "y2"}, **TWO_PLOTS)
    offset = """async () => {
        const {axisOf} = await module("panels/strokes.js");
        const layout = drawing._fullLayout;
        return axisOf(layout, "x2")._offset - axisOf(layout, "x")._offset;
    }"""
    assert tab.evaluate(offset) == pytest.approx(0.6 * 350)


def test_every_plot_has_a_layer_of_its_curves(tab: Page) -> None:
    drawn(tab, LINE, {**LINE, "xaxis": "x2", "yaxis": "y2"}, **TWO_PLOTS)
    curves = """() => ["xy", "x2y2"].map((name) => {
        const plot = drawing._fullLayout._plots[name].plot.node();
        return plot.querySelectorAll(".scatterlayer .trace").length;
    })"""
    assert tab.evaluate(curves) == [1, 1]


def test_a_curves_nodes_have_its_name_as_a_class(tab: Page) -> None:
    drawn(tab, LINE, {**LINE, "y": [0, 0, 0]})
    nodes = """() => drawing._fullData.map(({uid}) =>
        drawing.querySelectorAll(`.scatterlayer .trace${uid} path.js-line`).length)"""
    assert tab.evaluate(nodes) == [1, 1]


STROKE = """async ({panel, rows}) => {
    const {Strokes} = await module("panels/strokes.js");
    const {Store} = await module("session/frames.js");
    const store = new Store();
    const [time, c0] = [Float64Array.from(rows.x), Float32Array.from(rows.y)];
    const header = {start: 0, rows: time.length};
    store.append({header, columns: {step: time, time, c0}, snapshots: []});
    const own = drawing.querySelector(".scatterlayer .trace");
    const box = (node) => ["x", "y", "width", "height"].map((key) => node.getBBox()[key]);
    const before = box(own.querySelector("path.js-line"));
    const strokes = new Strokes(drawing);
    strokes.draw(panel, {stores: [store, store], rows: rows.x.length, complete: true});
    const layer = drawing.querySelector(".scatterlayer");
    const first = layer.firstChild;
    const drawnBox = box(first.querySelector("path"));
    const hidden = own.style.display;
    strokes.clear();
    return {before, drawnBox, hidden, after: own.style.display, left: first.childNodes.length};
}"""


def test_a_growing_curve_lies_where_plotly_draws_it_and_leaves_no_trace(tab: Page) -> None:
    drawn(tab, LINE)
    binding = {"trace": 0, "x": "time", "y": "c0", "z": None, "depth": None}
    panel = {"traces": [{**binding, "said": [], "marks": None, "at": "records", "source": 0}]}
    rows = {"x": LINE["x"], "y": LINE["y"]}
    found = tab.evaluate(STROKE, {"panel": panel, "rows": rows})
    assert found["drawnBox"] == pytest.approx(found["before"], abs=0.1)
    assert (found["hidden"], found["after"], found["left"]) == ("none", "", 0)


ONE_A_FRAME = """async () => {
    const {Panels} = await module("panels/panels.js");
    const {plotly} = await module("panels/library.js");
    const {Store} = await module("session/frames.js");
    const style = document.createElement("style");
    style.textContent = ".plot { width: 300px; height: 200px }";
    document.head.append(style);
    let frames = 0;
    const count = () => {
        frames += 1;
        requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const drawnAt = [];
    const react = Plotly.react;
    Plotly.react = (...given) => {
        drawnAt.push(frames);
        return react(...given);
    };
    const actions = {save() {}, open() {}, lead() {}, failed() {}};
    const panels = new Panels(plotly(new URL("/", location.href)), actions);
    document.body.prepend(panels.hero, panels.node);
    const figure = (y) => ({data: [{type: "scatter", x: [0, 1], y: [0, y]}], layout: {}});
    const specs = (y) => ["a", "b", "c"].map((id) => ({
        id, title: id, symbol: "", alt: "", note: "", empty: "", toggle: false, turns: false,
        cells: false, height_units: 1, traces: [], figure: figure(y),
    }));
    const look = {palette: {}, mode: "light", projector: false, theory: true, guessing: false,
        baseline: false, coarse: false, times: null, token: "job"};
    const store = new Store();
    const moment = {stores: [store, store], rows: 0, complete: false, time: 0, cursorTime: 0,
        cursorStep: 0, moving: false, cursor: false, key: "job 0"};
    const ready = async () => {
        const isNew = ({node}) => node.dataset.drawn === "true";
        const since = frames;
        while (!panels.panels.every(isNew)) {
            if (frames > since + 600) throw new Error("a panel is never drawn");
            await new Promise(requestAnimationFrame);
        }
    };
    for (const y of [1, 2]) {
        panels.show(specs(y));
        panels.dress(look);
        panels.draw(moment);
        panels.draw(moment);
        if (y === 2) drawnAt.push("another view");
        await ready();
        while (panels.next) await new Promise(requestAnimationFrame);
    }
    Plotly.react = react;
    panels.leave();
    panels.hero.remove();
    panels.node.remove();
    return drawnAt;
}"""


def test_each_panel_is_painted_before_the_next_is_drawn(tab: Page) -> None:
    found = tab.evaluate(ONE_A_FRAME)
    split = found.index("another view")
    first, again = found[:split], found[split + 1 :]
    assert len(first) == 3 + 1  # the first of the other view is drawn at once
    assert len(again) == 2
    assert all(later > sooner for sooner, later in pairwise(first[:3]))
    assert all(later > sooner for sooner, later in pairwise([first[3], *again]))


def test_what_a_restyle_leaves_undefined_stays(tab: Page) -> None:
    drawn(tab, LINE, LINE)
    restyle = """async () => {
        await Plotly.restyle(drawing, {x: [undefined, [1, 2]], y: [[7, 8, 9], [3, 4]]}, [0, 1]);
        return drawing.data.map(({x, y}) => [x, y]);
    }"""
    assert tab.evaluate(restyle) == [[[1, 4, 9], [7, 8, 9]], [[1, 2], [3, 4]]]


def test_a_click_on_a_map_names_the_cell_by_row_and_column(tab: Page) -> None:
    cells = {"x": [1, 4, 7], "y": [0.5, 1.5], "z": [[1, 2, 3], [4, 5, 6]]}
    drawn(tab, {"type": "heatmap", "showscale": False, **cells})
    tab.evaluate("""() => {
        window.clicked = null;
        drawing.removeAllListeners("plotly_click");
        drawing.on("plotly_click", ({points}) => {
            const cell = points.find((point) => point.data.type === "heatmap");
            window.clicked = [...cell.pointNumber, cell.data.x.length];
        });
    }""")
    box = tab.locator("#figure").bounding_box()
    assert box is not None
    # Within the last column and the upper row, behind the margins.
    x, y = box["x"] + 40 + 0.75 * 350, box["y"] + 20 + 0.125 * 250
    tab.mouse.move(x - 3, y)
    tab.mouse.move(x, y)
    expect(tab.locator(".hoverlayer .hovertext")).to_have_count(1)
    tab.mouse.click(x, y)
    tab.wait_for_function("() => window.clicked !== null")
    assert tab.evaluate("() => window.clicked") == [1, 2, 3]


def test_labels_of_powers_are_a_quarter_larger_than_they_are_told(tab: Page) -> None:
    axis = {"type": "log", "range": [-2, 2], "dtick": 1, "exponentformat": "power"}
    drawn(tab, LINE, yaxis={**axis, "tickfont": {"size": 11.2}})
    size = """() => parseFloat(getComputedStyle(drawing.querySelector(".ytick text")).fontSize)"""
    assert tab.evaluate(size) == pytest.approx(14)
