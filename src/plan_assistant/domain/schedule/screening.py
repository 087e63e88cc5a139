"""Quick floating figures over many terms at once, by numpy-financial; never a cent.

The only module that knows numpy-financial. It is imported when a figure is asked for, because its
import costs more than a screen may take to start.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def _library() -> ModuleType:
    import numpy_financial  # noqa: PLC0415  # deferred: 70 ms

    module: ModuleType = numpy_financial
    return module


def screening_payments(
    principal: int, period_rate: Fraction, periods: Sequence[int]
) -> NDArray[np.float64]:
    """Return unrounded level payments for several numbers of periods; minor units, floating."""
    import numpy as np  # noqa: PLC0415  # with the library

    counts = np.asarray(periods, dtype=np.float64)
    payments = -_library().pmt(float(period_rate), counts, float(principal))
    return np.asarray(payments, dtype=np.float64)


def screening_npv(period_rate: Fraction, flows: Sequence[int]) -> float:
    """Return the present value of flows, the first of them now; floating."""
    return float(_library().npv(float(period_rate), list(flows)))


def screening_irr(flows: Sequence[int]) -> float:
    """Return the periodic rate of return of flows, the first of them now; NaN where none is found.

    Flows with several changes of sign have several rates, of which the library returns any one:
    `rates` refuses those by name.
    """
    return float(_library().irr(list(flows)))
