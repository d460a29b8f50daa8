"""The same descent in PyTorch, where it is installed with CUDA: eager, and as one CUDA graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from app.bench.gpu.section import Measurement, Row
from app.bench.gpu.size import Card
from app.bench.gpu.streaming import SHAPES
from app.bench.gpu.targets import aimed
from app.bench.speed import streamed_run
from sims import api
from sims.core.study import Study

SIZES, EIGENVALUES = (10, 16, 8), (8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0)
RATE, START = 1e-3, 1e-3
WARM_UP = 50
EAGER, GRAPH = "over_eager >= 60", "over_cuda_graph >= 4"
"""How much faster a streamed run of ours should be."""


def peer(card: Card) -> list[Measurement]:
    """Our streamed run of the smallest shape beside PyTorch's."""
    label = SHAPES[0].label
    return [Measurement(f"{label}, beside PyTorch", lambda: _beside(card))]


def torch_with_cuda() -> Any | None:
    """The package, which nothing else here needs, or None."""
    try:
        torch = import_module("torch")
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def _beside(card: Card) -> Iterator[Row]:
    torch = None if card.rehearsal else torch_with_cuda()
    if torch is None:
        why = "a rehearsal has no card" if card.rehearsal else "not installed with CUDA"
        yield {"pytorch": why}
        return
    setup = Study(api.experiment(SHAPES[0].experiment), SHAPES[0].setting(card)).setup
    streamed = streamed_run(setup, card.device)
    streamed()
    ours = setup.schedule.steps / min(streamed() for _ in range(card.size.repeats))
    step = _descent(torch)
    eager = _speed(torch, step, card.size.peer_steps)
    row = {"eager_steps_per_second": eager, "over_eager": ours / eager}
    yield aimed({"streamed_steps_per_second": ours, **row}, EAGER, card)
    replay = _captured(torch, step)
    graph = _speed(torch, replay, 5 * card.size.peer_steps)
    row = {"cuda_graph_steps_per_second": graph, "over_cuda_graph": ours / graph}
    yield aimed({"streamed_steps_per_second": ours, **row}, GRAPH, card)


def _descent(torch: Any) -> Callable[[], None]:
    """One step of full-batch descent on two linear layers, in float64, in place."""
    d_in, width, d_out = SIZES
    drawn = torch.Generator().manual_seed(0)
    how = {"generator": drawn, "dtype": torch.float64}
    weights = [
        (START * torch.randn(*shape, **how)).cuda().requires_grad_()
        for shape in ((width, d_in), (d_out, width))
    ]
    target = torch.zeros(d_out, d_in, dtype=torch.float64)
    for i, eigenvalue in enumerate(EIGENVALUES):
        target[i, i] = eigenvalue
    target = target.cuda()

    def step() -> None:
        loss = 0.5 * ((weights[1] @ weights[0] - target) ** 2).sum()
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight -= RATE * slope

    return step


def _captured(torch: Any, step: Callable[[], None]) -> Callable[[], None]:
    """The step as one CUDA graph, after a warm-up on a stream of its own, as capturing asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def _speed(torch: Any, step: Callable[[], None], steps: int) -> float:
    for _ in range(WARM_UP):
        step()
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    torch.cuda.synchronize()
    return steps / (time.perf_counter() - begun)
