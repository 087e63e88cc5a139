"""A figure of many candidates, enclosed from both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.schedule.vector_figures import Floats

SLACK = 1e-11
"""Relative error of the closed forms beside the rounding of rows: some dozen operations."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure, enclosed from both sides."""

    low: Floats
    high: Floats

    def map(self, change: Callable[[Floats], Floats]) -> Bounds:
        """Return both sides changed alike."""
        return Bounds(change(self.low), change(self.high))


def around(middle: NDArray[Any], error: NDArray[Any] | int) -> Bounds:
    """Return a figure that lies within an error of its middle."""
    return Bounds(
        np.asarray(middle - error, dtype=np.float64), np.asarray(middle + error, dtype=np.float64)
    )
