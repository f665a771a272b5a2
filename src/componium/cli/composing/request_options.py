"""Derives the options of a verb from the request model of its task.

A field of the model is an option: its name (without a unit: ``tempo_bpm`` is ``--tempo``), its type and range, and its
description as the help text. Values reach the model as they were typed, and it alone checks them. The model is imported
only when a verb runs or shows its help, because pydantic and numpy take longer than ``componium --help`` may.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand

from componium.cli.terminal.completion import field_values

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from componium.composing.requests import AnyRequest

_VALUES = "componium.cli.composing.values"
_UNITS = ("_bpm",)
# Fields that one option gives together, as in --bars 5-8.
_BAR_RANGE = ("first_bar", "last_bar")
# What the command line adds to a description.
_REMARKS = {
    "seed": "Drawn and printed if omitted.",
    "count": "The files are numbered: x-1.mid, x-2.mid, ...",
}


class RequestCommand(TyperCommand):
    """A verb with options of its own, those of a request, and those of another function (:func:`request_command`)."""

    task: str
    supplied: frozenset[str]
    shared: Callable[..., None]

    @cached_property
    def _derived(self) -> list[Any]:
        options = field_options(request_model(self.task), self.supplied)
        return [*_parameters(options), *_parameters(inspect.signature(self.shared, eval_str=True).parameters.values())]

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - the type of a context has no public name in typer
        """Returns the parameters of the verb's function, then the derived ones, ``--help`` last."""
        *own, help_option = super().get_params(ctx)
        return [*own, *self._derived, help_option]

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Calls the verb's function; values of derived options go by :func:`option_values`."""
        ctx.meta[_VALUES] = {option.name: ctx.params.pop(option.name) for option in self._derived}
        return super().invoke(ctx)


def request_command(task: str, shared: Callable[..., None], supplied: Iterable[str] = ()) -> type[RequestCommand]:
    """Returns the class of the command of a verb that composes.

    Args:
        task: of its request.
        shared: a function whose options the verb has besides; it is never called.
        supplied: fields of the request that are no options, because the verb itself supplies or excludes them.
    """
    members = {"task": task, "supplied": frozenset(supplied) | {"task"}, "shared": staticmethod(shared)}
    return type(f"{task.title()}Command", (RequestCommand,), members)


def request_model(task: str) -> type[BaseModel]:
    """Returns the request model of a task."""
    from componium.composing.requests import AnyRequest  # noqa: PLC0415 - see above

    [model] = [own for own in get_args(AnyRequest) if own.model_fields["task"].default == task]
    return model


def option_values(context: typer.Context) -> dict[str, Any]:
    """Returns the values of a verb's derived options by name, as they were typed."""
    return dict(context.meta[_VALUES])


def request_of(task: str, values: Mapping[str, Any], supplied: Mapping[str, object]) -> AnyRequest:
    """Returns the request that typed values describe.

    Args:
        task: of the request.
        values: of the options, as they were typed; None is left to the composer.
        supplied: values of the fields that are no options.

    Raises:
        RequestError: a value cannot be read or is out of range; its field is named.
    """
    from componium.composing.requests import make_request  # noqa: PLC0415 - see above

    return make_request(task=task, **supplied, **{name: own for name, own in values.items() if own is not None})


def field_options(model: type[BaseModel], supplied: Iterable[str] = ()) -> Iterator[inspect.Parameter]:
    """Yields the fields of a model, except the supplied ones, as parameters of a function that typer understands."""
    for name, field in model.model_fields.items():
        if name in supplied:
            continue
        type_name = _type_name(field)
        option = typer.Option(
            option_name(name),
            help=_help(name, field),
            show_default=False,
            metavar=type_name,
            autocompletion=_completion(name),
        )
        default = inspect.Parameter.empty if field.is_required() else None
        annotation = Annotated[bool | None if type_name is None else str | None, option]
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _completion(field_name: str) -> Callable[[str], list[str]]:
    """What the tab key offers as the value of a field."""

    def offered(incomplete: str) -> list[str]:
        return field_values(field_name, incomplete)

    return offered


def option_name(field_name: str) -> str:
    """Returns the option of a field: ``--top-p`` of ``top_p``, ``--tempo`` of ``tempo_bpm``."""
    if field_name in _BAR_RANGE:
        return "--bars"
    for unit in _UNITS:
        field_name = field_name.removesuffix(unit)
    return "--" + field_name.replace("_", "-")


def _parameters(options: Iterable[inspect.Parameter]) -> list[Any]:
    """Options as click has them: those of a command whose function has these parameters."""

    def function(**_: object) -> None:
        pass

    function.__signature__ = inspect.Signature(
        [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in options]
    )
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return typer.main.get_command(app).params


def _help(name: str, field: FieldInfo) -> str:
    from componium.composing.request_fields import is_sequence  # noqa: PLC0415 - see above

    remarks = [field.description or "", _REMARKS.get(name, "")]
    if is_sequence(field):
        remarks.append("Separate several with commas.")
    limits = ", ".join(filter(None, (_limits(field), "" if field.default in (None, (), 0) else _default(field))))
    return " ".join(filter(None, remarks)) + (f" ({limits})" if limits else "")


def _limits(field: FieldInfo) -> str:
    """The range of a number; that a count begins at 0 or 1 goes without saying."""
    from componium.composing.request_fields import range_of  # noqa: PLC0415 - see above

    limits = range_of(field).removeprefix("from ")
    return "" if limits in ("at least 0", "at least 1") else limits


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() else f"default {field.default}"


def _type_name(field: FieldInfo) -> str | None:
    """What stands for a field's value in help texts; None for a flag."""
    from componium.composing.request_fields import alternatives, bare, is_sequence  # noqa: PLC0415 - see above

    [own] = [bare(own) for own in alternatives(field.annotation)]
    if own is bool:
        return None
    if get_origin(own) is Literal:
        return f"<{'|'.join(map(str, get_args(own)))}>"
    if is_sequence(field):
        return f"<{bare(get_args(own)[0]).__name__},...>"
    return f"<{own.__name__}>"
