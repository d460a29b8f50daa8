"""Standard architectures as flax.linen modules: hashable, without arrays: static keys of programs.

Images are (sample, pixels), square; a transformer reads their rows as tokens. What two experiments
build differently (strides, what stands behind the body) they build from the same bodies.
"""

from __future__ import annotations

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array

from sims.core.nets.activations import ACTIVATIONS

KERNEL = 3
"""Side of the patch that a convolution sees."""


def patches(x: Array, stride: int) -> Array:
    """All 3 x 3 patches of images x (sample, side, side, channel), zero beyond the border.

    Gives (sample, side', side', 9·channel): a convolution is a dense layer on these. Its
    derivatives compile and run several times as fast on a CPU as those of `nn.Conv`, and so does
    a batch of seeds.
    """
    side, edge = x.shape[1], KERNEL // 2
    padded = jnp.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    cut = [
        padded[:, i : i + side : stride, j : j + side : stride, :]
        for i in range(KERNEL)
        for j in range(KERNEL)
    ]
    return jnp.concatenate(cut, axis=-1)


def side_of(pixels: int) -> int:
    """Side of a square image of so many pixels."""
    side = math.isqrt(pixels)
    if side**2 != pixels:
        raise ValueError(f"{pixels} inputs are no square image.")
    return side


def convolutions(
    x: Array, width: int, strides: tuple[int, ...], activation: str, *, norm: bool = False
) -> list[Array]:
    """Outputs (sample, side, side, channel) of 3 x 3 convolutions with width, 2·width, .. channels.

    Inputs x are (sample, pixels). Strides and not pooling: a maximum has kinks. To be called within
    a compact module, whose layers conv1, conv2, ... (and norm1, ...) they become.
    """
    side, found = side_of(x.shape[-1]), []
    x = x.reshape(-1, side, side, 1)
    for i, stride in enumerate(strides):
        x = nn.Dense(width * 2**i, name=f"conv{i + 1}")(patches(x, stride))
        x = ACTIVATIONS[activation](nn.LayerNorm(name=f"norm{i + 1}")(x) if norm else x)
        found.append(x)
    return found


def attention(q: Array, k: Array, v: Array, heads: int) -> Array:
    """softmax(q kᵀ/√(d/heads)) v of every head, (sample, token, d) like q, k and v."""
    split = (*q.shape[:-1], heads, q.shape[-1] // heads)
    q, k, v = (a.reshape(split) for a in (q, k, v))
    scores = jnp.einsum("nqhe,nkhe->nhqk", q, k) / math.sqrt(split[-1])
    mixed = jnp.einsum("nhqk,nkhe->nqhe", jax.nn.softmax(scores), v)
    return mixed.reshape(*mixed.shape[:2], -1)


def blocks(
    module: nn.Module,
    x: Array,
    width: int,
    depth: int,
    activation: str,
    heads: int,
    *,
    norm: bool = False,
) -> list[Array]:
    """Tokens (sample, token, width) behind each of `depth` blocks of attention and MLP.

    Inputs x are (sample, pixels), tokens their rows: x + o(attention), x + down(act(up)), hidden
    layers twice as wide; with `norm` a layer norm before either. To be called within the compact
    `module`, whose layers embed, q1, k1, v1, o1, up1, down1, ... and `position` they become.
    """
    tokens, found = side_of(x.shape[-1]), []
    x = nn.Dense(width, name="embed")(x.reshape(x.shape[0], tokens, -1))
    x = x + module.param("position", nn.initializers.normal(1.0), (tokens, width))[None]
    for i in range(1, depth + 1):
        y = nn.LayerNorm(name=f"norm{i}a")(x) if norm else x
        q, k, v = (nn.Dense(width, name=f"{letter}{i}")(y) for letter in "qkv")
        x = x + nn.Dense(width, name=f"o{i}")(attention(q, k, v, heads))
        y = nn.LayerNorm(name=f"norm{i}b")(x) if norm else x
        y = ACTIVATIONS[activation](nn.Dense(2 * width, name=f"up{i}")(y))
        x = x + nn.Dense(width, name=f"down{i}")(y)
        found.append(x)
    return found


class MLP(nn.Module):
    """Dense layers of these widths, the last of them linear: (sample, inputs) -> (sample, out)."""

    widths: tuple[int, ...]
    activation: str
    norm: bool = False

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """Outputs of inputs x."""
        for i, width in enumerate(self.widths, start=1):
            x = nn.Dense(width, name=f"layer{i}")(x)
            if i < len(self.widths):
                x = nn.LayerNorm(name=f"norm{i}")(x) if self.norm else x
                x = ACTIVATIONS[self.activation](x)
        return x


class CNN(nn.Module):
    """Convolutions with stride 2, all places side by side, a linear head."""

    width: int
    depth: int
    outputs: int
    activation: str
    norm: bool = False

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """Outputs (sample, out) of images x (sample, pixels)."""
        strides = (2,) * self.depth
        seen = convolutions(x, self.width, strides, self.activation, norm=self.norm)[-1]
        return nn.Dense(self.outputs, name="head")(seen.reshape(seen.shape[0], -1))


class Transformer(nn.Module):
    """Blocks of attention and MLP over the rows of an image, their mean, a linear head."""

    width: int
    depth: int
    outputs: int
    activation: str
    norm: bool = False
    heads: int = 2

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """Outputs (sample, out) of images x (sample, pixels)."""
        seen = blocks(self, x, self.width, self.depth, self.activation, self.heads, norm=self.norm)[
            -1
        ]
        seen = nn.LayerNorm(name="norm_head")(seen) if self.norm else seen
        return nn.Dense(self.outputs, name="head")(jnp.mean(seen, axis=1))
