"""Messages as JSON: what is no number is null, and arrays are packed as Plotly packs them."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np


def json_text(value: Any) -> str:
    """JSON with NaN and infinities as null; arrays as Plotly's typed base64."""
    try:
        return _dumped(value)
    except ValueError:
        return _dumped(_jsonable(value))


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_array)


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _typed(value) if value.dtype.kind == "f" else value.tolist()
    if isinstance(value, np.generic):
        return _jsonable(value.item())
    raise TypeError(f"{type(value).__name__} cannot be sent.")


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def _typed(values: np.ndarray) -> dict[str, Any]:
    """An array as {dtype, bdata}; four bytes a number where that keeps its size."""
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    narrow = size.size == 0 or (size.min() > 1e-36 and size.max() < 1e36)
    kind = "f4" if narrow else "f8"
    data = base64.b64encode(np.ascontiguousarray(values, f"<{kind}").tobytes()).decode()
    shape = {} if values.ndim == 1 else {"shape": ", ".join(map(str, values.shape))}
    return {"dtype": kind, "bdata": data, **shape}
