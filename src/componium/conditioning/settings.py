"""What all settings of a style profile have in common, and the ranges that they lie in."""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Weight: TypeAlias = Annotated[float, Field(ge=-1000, le=1000)]
"""Added to a log-probability; what is forbidden lies far below."""
Factor: TypeAlias = Annotated[float, Field(ge=0, le=1000)]
Positive: TypeAlias = Annotated[float, Field(ge=1e-3, le=1000)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Size: TypeAlias = Annotated[int, Field(ge=0, le=1000)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1000)]


class Settings(BaseModel):
    """What all settings share: they are never changed, and a name that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """They are never changed: copies of what refers to them have them in common."""
        return self
