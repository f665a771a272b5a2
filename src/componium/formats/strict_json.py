"""Parses JSON that comes from anywhere: what Python's parser takes beyond the standard, or cannot hold, is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
_MAX_INTEGER_CHARACTERS = 20


def parse_json(data: str | bytes) -> Any:  # noqa: ANN401 - any JSON
    """Returns the value of a JSON text (RFC 8259) in UTF-8.

    Raises:
        ValueError: it is none; or it holds NaN, infinity, a number beyond 64 bits or the range of floats, a name twice
            in one object, a lone surrogate, or more than ``MAX_DEPTH`` values inside each other.
    """
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    try:
        value = json.loads(
            text,
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer,
        )
    except RecursionError as error:
        raise ValueError("values are nested too deeply") from error
    _check(value, MAX_DEPTH)
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_CHARACTERS or not -(2**63) <= int(text) < 2**64:
        raise ValueError("a whole number is out of range")
    return int(text)


def _check(value: Any, depth: int) -> None:  # noqa: ANN401 - any JSON
    """Checks the depth of a value, and that its texts can be encoded."""
    if depth < 0:
        raise ValueError("values are nested too deeply")
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, dict):
        for name, own in value.items():
            name.encode("utf-8")
            _check(own, depth - 1)
    elif isinstance(value, list):
        for own in value:
            _check(own, depth - 1)
