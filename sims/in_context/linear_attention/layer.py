"""The layer that is trained, as a flax module."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array


class Attention(nn.Module):
    """One attention layer with heads of rank one; a token is an input and its label (S,).

    The weights: values, keys and queries (H, S); merged: values (H, S) and key_query (H, S, S).
    """

    heads: int
    kind: str

    @nn.compact
    def __call__(self, seen: Array, asked: Array) -> Array:
        """Answers (sequence,) to queries (sequence, S), the last token of each sequence.

        `seen` is all tokens (sequence, n + 1, S) for a softmax; else their mean square matrices
        (sequence, S, S), for without a softmax a layer knows no more of a sequence than those.
        """
        S, zero = asked.shape[-1], nn.initializers.zeros
        values = self.param("values", zero, (self.heads, S))
        if self.kind == "merged":
            pairs = self.param("key_query", zero, (self.heads, S, S))
            return _read(jnp.einsum("hi,hjs->ijs", values, pairs), seen, asked)
        keys = self.param("keys", zero, (self.heads, S))
        queries = self.param("queries", zero, (self.heads, S))
        if self.kind == "separate":
            return _read(jnp.einsum("hi,hj,hs->ijs", values, keys, queries), seen, asked)
        examples = seen[:, :-1]
        scores = (examples @ keys.T) * (asked @ queries.T)[:, None]
        return jnp.sum(jax.nn.softmax(scores, axis=1) * (examples @ values.T), axis=(1, 2))


def _read(layer: Array, seen: Array, asked: Array) -> Array:
    """The sum over ijs of layer_ijs seen_ij asked_s, (sequence,)."""
    S = asked.shape[-1]
    return jnp.sum((seen.reshape(-1, S * S) @ layer.reshape(S * S, S)) * asked, axis=1)
