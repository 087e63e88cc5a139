"""Tells failures of a backup as its own: it lies elsewhere than the store and is no store itself.

Not here: the failures of a store (`failures.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plan_assistant.adapters.store.failures import os_failure
from plan_assistant.domain.errors import StoreDamaged, StoreOutOfReach, StoreReadOnly


@contextmanager
def writing_backup(target: Path) -> Iterator[None]:
    """Name the folder of a backup that cannot be written: another store is no way out of that."""
    file = Path(os.path.realpath(target))
    try:
        yield
    except OSError as error:
        failure = os_failure(error, str(target))
        if not isinstance(failure, StoreOutOfReach | StoreReadOnly):
            raise failure from error
        raise _not_written(failure, target, file) from error
    except (StoreOutOfReach, StoreReadOnly) as failure:
        if failure.detail["place"] not in {str(target), str(file)}:
            raise
        raise _not_written(failure, target, file) from failure


def _not_written(
    failure: StoreOutOfReach | StoreReadOnly, target: Path, file: Path
) -> StoreOutOfReach | StoreReadOnly:
    return type(failure)(
        f"the backup {target} cannot be written. Check that the folder {file.parent} is there and"
        " that your account may write in it, or name a file in another folder.",
        **{**failure.detail, "place": str(target), "folder": str(file.parent)},
    )


@contextmanager
def reading_backup(source: Path) -> Iterator[None]:
    """Name a damaged backup as one: whoever restores it has no use for the advice to do so."""
    try:
        yield
    except StoreDamaged as failure:
        if failure.detail.get("place") != str(source):
            raise
        reason = failure.detail["reason"]
        raise StoreDamaged(
            f"{source} is not a sound backup of this program ({reason}). Nothing was restored. Use"
            " another backup.",
            place=str(source),
            backup=str(source),
            reason=reason,
        ) from failure
