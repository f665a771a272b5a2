"""What all settings of a style profile have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """What all settings share: they are never changed, and a name that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
