"""What the fields of requests take, in words; and what is wrong with a value, in a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from componium.errors import RequestError

# Beyond this a bound is one of the machine, of no use to a reader.
_LARGEST_SHOWN = 1_000_000
_LONGEST_SHOWN = 60
_KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", bytes: "a file in base64"}


class Words(str):
    """Words that can stand for a number, as metadata of a field: ``low, medium, high``."""

    __slots__ = ()


def checked_by(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Returns a validator of text that passes what ``parse`` can read."""

    def check(text: str) -> str:
        try:
            parse(text)
        except RequestError as error:
            raise ValueError(str(error)) from error
        return text

    return check


def listed(value: object) -> object:
    """Returns the items of a text that commas part, without blanks; any other value as it is."""
    return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value


def complaint(error: ValidationError, models: Mapping[str, type[BaseModel]]) -> str:
    """Returns what is wrong first in a request, as :class:`RequestError` takes it.

    Args:
        error: of the union of all requests.
        models: by task, which the place of an error begins with.
    """
    first = error.errors(include_url=False)[0]
    kind, place, value = first["type"], first["loc"], first.get("input")
    message = first["msg"].removeprefix("Value error, ")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        task = value.get("task") if isinstance(value, dict) else None
        return f"task {_shown(task)}: must be {one_of(list(models))}"
    if not place or place[0] not in models:
        return f"not a request ({message})" if kind != "value_error" else message
    task, name = str(place[0]), ".".join(map(str, place[1:2]))
    if kind == "extra_forbidden":
        return f"{name}={_shown(value)}: {_unknown(name, task, models[task])}"
    field = models[task].model_fields.get(name)
    return message if field is None else _of_field(field, name, first)


def _of_field(field: FieldInfo, name: str, error: Any) -> str:  # noqa: ANN401 - pydantic's dictionaries of errors
    """What is wrong with the value of one field."""
    if error["type"] == "missing":
        return f"{{{name}}} is missing: {field.description}"
    if error["type"] == "value_error":
        return f"{{{name}}}: {error['msg'].removeprefix('Value error, ')}"
    is_whole_list = is_sequence(field) and len(error["loc"]) == 2
    words = f"{'a list of ' if is_whole_list else ''}{in_words(field)}"
    if error["type"] == "less_than" and error["ctx"]["lt"] > _LARGEST_SHOWN:
        words += f", below {error['ctx']['lt']:,}"
    return f"{{{name}}} {_shown(error['input'])}: must be {words}"


def in_words(field: FieldInfo) -> str:
    """Returns what a field takes, such as ``a whole number from 1 to 64``; of a list, what an item is."""
    [own] = [bare(own) for own in alternatives(field.annotation)]
    if get_origin(own) is Literal:
        return one_of([str(value) for value in get_args(own)])
    item = bare(get_args(own)[0]) if is_sequence(field) else own
    kind = _KINDS.get(item, "a value")
    words = next((f"{value} or " for value in metadata(field) if isinstance(value, Words)), "")
    limits = range_of(field)
    if limits:
        limits = f" {limits}" if limits.startswith(("more", "less")) else f" of {limits}"
        limits = limits.replace(" of from", " from")
    return f"{words}{kind}{limits}"


def range_of(field: FieldInfo) -> str:
    """Returns the range of a number, such as ``from 1 to 64``; empty where it has none."""
    bounds = {
        kind: value
        for item in metadata(field)
        for kind in ("ge", "gt", "le", "lt")
        if (value := getattr(item, kind, None)) is not None and abs(value) <= _LARGEST_SHOWN
    }
    if "ge" in bounds and "le" in bounds:
        return f"from {bounds['ge']:g} to {bounds['le']:g}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return ", ".join(f"{words[kind]} {value:g}" for kind, value in bounds.items())


def metadata(field: FieldInfo) -> Iterator[Any]:
    """Yields constraints of a field, those within its union and of its items included."""
    yield from field.metadata
    for own in alternatives(field.annotation):
        yield from _constraints(own)
        for item in get_args(bare(own)):
            yield from _constraints(item)


def _constraints(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - annotations are values of any kind
    for item in get_args(annotation)[1:] if get_origin(annotation) is Annotated else ():
        yield from getattr(item, "metadata", (item,))


def is_sequence(field: FieldInfo) -> bool:
    """Whether a field takes several values."""
    return any(get_origin(bare(own)) in (tuple, list) for own in alternatives(field.annotation))


def alternatives(annotation: Any) -> Sequence[Any]:  # noqa: ANN401 - as above
    """Returns the members of a union but for None; of another annotation, itself."""
    if get_origin(annotation) in (Union, UnionType):
        return [own for own in get_args(annotation) if own is not type(None)]
    return [annotation]


def bare(annotation: Any) -> Any:  # noqa: ANN401 - as above
    """Returns an annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def one_of(names: Sequence[str]) -> str:
    """Returns ``a, b or c``."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _unknown(name: str, task: str, model: type[BaseModel]) -> str:
    known = [own for own in model.model_fields if own != "task"]
    near = [own for own in known if own.startswith(name)] or difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return f"a request to {task} has no field {name}; {hint}"


def _shown(value: object) -> str:
    """A value as it was typed, on one line and not too long."""
    try:
        text = value if isinstance(value, str) and value.isprintable() and value else repr(value)
    except ValueError:
        # Python writes no whole numbers of more than some thousand digits.
        return "of thousands of digits"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
