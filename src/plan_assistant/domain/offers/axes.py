"""The levers of a sheet as axes, so that a figure is only as large as what it depends on.

A figure has seven axes; along those that do not change it, it has one entry, and arithmetic between
figures broadcasts. A down payment is as long as the claims, a discount as the lengths, and only
what depends on every lever has an entry for every candidate.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Entry = TypeVar("Entry", bound=np.generic)


class Axis(IntEnum):
    """The axes of a figure, the order in which a sheet counts its lines and then its lengths."""

    FIRST = 0
    CLAIM = 1
    RATE = 2
    GRACE = 3
    STEP = 4
    MULTIPLE = 5
    LENGTH = 6


AXES = len(Axis)


def along(axis: Axis, values: NDArray[Entry]) -> NDArray[Entry]:
    """Return a figure that depends on one lever alone."""
    return across((axis,), values)


def across(axes: tuple[Axis, ...], values: NDArray[Entry]) -> NDArray[Entry]:
    """Return a figure that depends on some levers, the axes of `values` in their order."""
    shape = [1] * AXES
    for axis, size in zip(axes, values.shape, strict=True):
        shape[axis] = size
    return values.reshape(shape)


def of_some(axis: Axis, figure: NDArray[Entry], at: NDArray[np.intp] | slice) -> NDArray[Entry]:
    """Return a figure for some places of an axis; one that does not depend on it as it is."""
    if figure.shape[axis] == 1:
        return figure
    picked: list[Any] = [slice(None)] * AXES
    picked[axis] = at
    some: NDArray[Entry] = figure[tuple(picked)]
    return some


def filled(figure: NDArray[Entry], shape: tuple[int, ...]) -> NDArray[Entry]:
    """Return a figure with an entry for all that a shape counts; a full one as it is.

    Copying into an empty array takes half the time of broadcasting and reshaping.
    """
    if figure.shape == shape:
        return figure
    every = np.empty(shape, dtype=figure.dtype)
    every[...] = figure
    return every
