"""How a key of the registry reaches its method: one action name, dispatched by id and role."""

from __future__ import annotations

import inspect
from typing import ClassVar

from plan_assistant.ui.actions import Zone


class Acting:
    """A screen or widget that carries out the actions of one zone in methods named `do_<id>`."""

    ZONE: ClassVar[Zone]

    def refusal(self, action_id: str) -> str | None:
        """Return why an action cannot be done now, in a sentence; None when it can."""
        del action_id
        return None

    def tell(self, sentence: str) -> None:
        """Show a sentence to the person; a screen says where."""
        raise NotImplementedError(sentence)

    async def action_act(self, action_id: str) -> None:
        """Do the action, or say why not: a key that does nothing in silence looks broken."""
        reason = self.refusal(action_id)
        if reason is not None:
            self.tell(reason)
            return
        done = getattr(self, f"do_{action_id}")()
        if inspect.isawaitable(done):
            await done
