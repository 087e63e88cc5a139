"""Level payments that stay the same however far a lever is moved between two ends.

A level payment falls in steps of its multiple. Between two steps all rows but the last ask for the
same, and the last only falls: to the unit, a balance is never lower after a higher one or at a
higher rate. Not here: what plans have to keep to (`may_fit.py`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import Course, Flags, exact_levels, run


def is_same_level(least: Course, most: Course) -> Flags:
    """Say which plans ask for the same level payment, moved so little or so much or between.

    Only of those that round nothing else: without a grace and without lower payments.
    """
    is_plain = most.is_level & (most.grace == 0) & (most.step_rows == 0)
    return np.asarray(is_plain & (_levels(least) == _levels(most)))


def ends_early(least: Course, most: Course) -> Flags:
    """Say which plans surely end early, moved so little or so much or between.

    Rounded up, so many payments are too many. Rounded down to nothing, they are no payments.
    """
    without_carried = replace(least, carried=np.zeros_like(least.carried))
    last = run(without_carried).payments[least.rows - 1, np.arange(len(least.rows))]
    is_over = (last <= 0) & (least.balance > 0)
    is_nothing = (_levels(least) == 0) & (most.balance > 0)
    return np.asarray(is_same_level(least, most) & (least.rows > 1) & (is_over | is_nothing))


def _levels(course: Course) -> Int64s:
    """Return the level payments of plans without a grace and without lower payments."""
    return exact_levels(
        course.balance,
        course.first,
        course.rate,
        course.rows,
        course.multiple,
        course.payment_rounding,
    )
