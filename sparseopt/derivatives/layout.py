"""The places of everything intermediate: one workspace for a whole schedule."""

from __future__ import annotations

__all__ = ["Workspace"]


class Workspace:
    """Hands out consecutive places of the workspace."""

    def __init__(self) -> None:
        self.size = 0

    def reserve(self, size: int) -> int:
        """Return the offset of ``size`` new places."""
        offset = self.size
        self.size += size
        return offset
