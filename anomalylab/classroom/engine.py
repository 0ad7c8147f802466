"""An exercise is declared: a reference, cases, properties, slips. Check and points run the same.

An answer is right if it gives what the reference gives on every case, changes nothing that it
was given, and keeps the declared properties. A wrong answer hears the message of the slip whose
results it shows, or on which case it failed, what came out, and what was right.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from inspect import signature
from io import StringIO
from itertools import tee
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from anomalylab.classroom.core import (
    EXERCISES,
    PASSED,
    SEEDS,
    Exercise,
    Failed,
    NotAttempted,
    call,
    check,
    find,
    kind,
    numbers,
)
from anomalylab.inputs import Array
from anomalylab.seeding import cpu_threads, seeded

START = 735  # the generator of PyTorch begins here in `call_watched`
Inputs = tuple[Any, ...]


@dataclass(frozen=True)
class Case:
    """Inputs of one kind.

    Attributes
    ----------
    on : str
        The inputs in words, as in "On 5 rows of 7 pixels row 0 gives …".
    make : callable
        Takes a `numpy.random.Generator`, returns the inputs. It is called again for every run.
    look : str
        Where to look if only the numbers are wrong; true of every mistake.
    """

    on: str
    make: Callable[[np.random.Generator], Inputs]
    look: str = ""


@dataclass(frozen=True)
class Slip:
    """A wrong answer, and what its owner hears: `{found}` and `{right}` are filled in."""

    answer: Callable[..., Any]
    message: str


class _Wrong(Failed):
    """Raised where numbers are wrong: with all of them, and the first wrong one in digits."""

    def __init__(self, message: str, name: str, numbers: Array, found: str, right: str) -> None:
        super().__init__(message)
        self.numbers, self.pair = numbers, {"found": found, "right": right}
        self.slope = name != "value"


@contextmanager
def as_it_was() -> Iterator[None]:
    """Say nothing, and leave generators and settings as they were before the block.

    One thread at a time is inside, as in `seeded`: what is said and what is drawn belong to the
    whole process. Whatever the caller set, gradients are on, and PyTorch computes on one thread:
    on two, the small steps of an LSTM take five times as long.
    """
    with (
        seeded(START),
        cpu_threads(1),
        redirect_stdout(StringIO()),
        redirect_stderr(StringIO()),
        np.errstate(all="ignore"),
        torch.inference_mode(False),  # unlike enable_grad, it also ends a mode without gradients
    ):
        old = random.getstate(), np.random.get_state()  # noqa: NPY002
        dtype = torch.get_default_dtype()
        try:
            yield
        finally:
            random.setstate(old[0])
            np.random.set_state(old[1])  # noqa: NPY002
            torch.set_default_dtype(dtype)


@dataclass(kw_only=True)
class Declared(Exercise):
    """An exercise whose check and points follow from what is declared.

    Attributes
    ----------
    reference : callable
        Its parameters give the inputs their names in messages.
    cases, slips : sequences
        At most 8 slips: the cases catch the rest.
    gradients : sequence of int
        Inputs, by place, whose gradients should be those of the reference, where they are tensors.
    by_row : sequence of int
        Inputs, by place, with one entry a row: each row alone should give what it gives in the
        batch. Empty if rows may depend on each other.
    draws : bool
        Whether an answer may draw random numbers.
    rtol, atol : float
        How close to the reference is right.
    view : callable, optional
        Takes what came out, the inputs and the case in words; returns the numbers to compare,
        where several results are right. It may raise `Failed`.
    said : callable
        Takes the index of a wrong number, and what was found and is right there, in digits;
        returns what is wrong, as a clause.
    """

    reference: Callable[..., Any]
    cases: Sequence[Case]
    slips: Sequence[Slip]
    gradients: Sequence[int] = ()
    by_row: Sequence[int] = ()
    draws: bool = False
    rtol: float = 1e-5
    atol: float = 0.0
    view: Callable[[Any, Inputs, str], Any] | None = None
    said: Callable[[tuple[int, ...], str, str], str] = lambda where, found, right: (
        f"{_place(where)} gives {found}, where {right} is right"
    )

    def tried(self, answer: Any, seed: int) -> Iterator[Failed | None]:
        """What is wrong on every case, or None."""
        return (self._failure(answer, case, [seed, i]) for i, case in enumerate(self.cases))

    def examine(self, answer: Any) -> str:
        """Return the word of praise, or raise `Failed` or `NotAttempted`."""
        # all of these see the same, and a case is tried when the first of them asks for it
        own, *others = tee(self.problems(answer), 1 + len(self.slips))
        for slip, found in zip(self.slips, others, strict=True):
            if all(map(self._alike, found, self.problems(slip.answer))):
                told = (reason for reason in own if isinstance(reason, _Wrong))
                # a slip tells of a value, even where its first case shows a wrong gradient only
                raise Failed(slip.message.format(**min(told, key=lambda one: one.slope).pair))
        for reason in filter(None, own):
            raise reason
        return self.praise

    def _alike(self, one: Failed | None, other: Failed | None) -> bool:
        """Whether two answers gave the same numbers on a case, or had the same problem."""
        if isinstance(one, _Wrong) and isinstance(other, _Wrong):
            return not self._differ(one.numbers, other.numbers).any()
        return str(one) == str(other)

    @as_it_was()
    def _failure(self, answer: Any, case: Case, seed: list[int]) -> Failed | None:
        given, fresh, leaves, own = (case.make(np.random.default_rng(seed)) for _ in range(4))
        right = self._numbers(self.reference, own, case.on)
        try:
            result = call_watched(self._names, answer, given, fresh, case.on, self.draws)
            first = self._value(result, fresh, case.on)
            found = self._numbers(answer, leaves, case.on)
            if not self.draws and not np.array_equal(first, found["value"], equal_nan=True):
                raise Failed(
                    f"On {case.on} two calls gave different numbers. What differs between them?"
                )
            self._compare(found, right, case)
            self._rows(answer, fresh, found["value"], case.on)
        except Failed as reason:
            return reason
        return None

    @property
    def _names(self) -> list[str]:
        return list(signature(self.reference).parameters)

    def _numbers(self, answer: Any, inputs: Inputs, on: str) -> dict[str, Array]:
        """The answer's numbers: the value, and the gradients asked for."""
        places = [i for i in self.gradients if isinstance(inputs[i], Tensor)]
        leaves = [inputs[i].requires_grad_() for i in places]
        result = call(answer, *inputs, on=on)
        parts = {"value": self._value(result, inputs, on)}
        if leaves and not isinstance(result, Tensor):
            raise Failed(f"On {on} you returned {kind(result)}. Expected a PyTorch tensor.")
        if any(leaf.grad is not None for leaf in leaves):
            raise Failed(
                f"On {on} your function left a gradient behind in an input. Whoever calls it works "
                "out gradients of the whole loss. Which line works out one?"
            )
        slopes = [torch.zeros_like(leaf) for leaf in leaves]
        if leaves and result.requires_grad:
            weights = torch.arange(1.0, result.numel() + 1).to(result).reshape(result.shape)
            slopes = list(torch.autograd.grad(result, leaves, weights, materialize_grads=True))
        for i, slope in zip(places, slopes, strict=True):
            parts[self._names[i]] = slope.numpy()
        return parts

    def _value(self, result: Any, inputs: Inputs, on: str) -> Array:
        if isinstance(result, tuple | list) and any(part is ... for part in result):
            raise NotAttempted
        found = numbers(self.view(result, inputs, on) if self.view else result)
        if found is None:
            raise Failed(
                f"On {on} you returned {kind(result)}. Expected numbers: no truth values, no "
                "words, no lists of different lengths."
            )
        return found

    def _compare(self, found: dict[str, Array], right: dict[str, Array], case: Case) -> None:
        shape, due = found["value"].shape, right["value"].shape
        if shape != due:
            raise Failed(
                f"On {case.on} you returned {_shape(shape)}. Expected {_shape(due)}. Print the "
                "shape after every step: where does it become another?"
            )
        for name, values in found.items():
            wrong = self._differ(values, right[name])
            if wrong.any():
                where = tuple(np.argwhere(wrong)[0].tolist())
                pair = _apart(values[where], right[name][where])
                problem = f"{self.said(where, *pair)}. {case.look}"
                if name != "value":
                    problem = (
                        f"the values are right, but in the gradient by {name} "
                        f"{self.said(where, *pair)}. Which step between {name} and your result "
                        "cuts or bends the way back?"
                    )
                every = np.concatenate([part.ravel() for part in found.values()])
                raise _Wrong(f"On {case.on} {problem}".strip(), name, every, *pair)

    def _differ(self, found: Array, right: Array) -> NDArray[np.bool_]:
        """Where the numbers differ; a zero may be a rounded one, more so among gradients."""
        small, least = (1e-6, 1.0) if self.gradients else (1e-12, 0.0)
        atol = self.atol + small * np.abs(right[np.isfinite(right)]).max(initial=least)
        return ~np.isclose(found, right, self.rtol, atol, equal_nan=True)

    def _rows(self, answer: Any, inputs: Inputs, found: Array, on: str) -> None:
        for row in range(len(found)) if self.by_row else ():
            one = [x[row : row + 1] if i in self.by_row else x for i, x in enumerate(inputs)]
            alone = self._value(call(answer, *one, on=f"one row of {on}"), tuple(one), on)
            batch = found[row : row + 1]
            if alone.shape != batch.shape or self._differ(alone, batch).any():
                raise Failed(
                    f"On {on} row {row} gives {batch.flat[0]:.4g} in the batch and something else "
                    "alone. A row should get what it gets alone. Which line looks at other rows?"
                )


def call_watched(
    names: Sequence[str], answer: Any, given: Inputs, fresh: Inputs, on: str, draws: bool = False
) -> Any:
    """Call the answer; raise `Failed` if it changed an input, a setting, or what others draw.

    Parameters
    ----------
    names : sequence of str
        Of the inputs, for messages.
    given, fresh : tuple
        The inputs twice: the answer gets the first, the second shows what they were.
    draws : bool
        Whether the answer may draw random numbers, and seed them.
    """
    with as_it_was():
        before = _world()
        result = call(answer, *given, on=on)
        after = _world()
    for name, old, new in zip(names, fresh, given, strict=False):
        if _state(old) != _state(new):
            raise Failed(
                f"On {on} your function changed {name}, which it was given. Whoever calls it "
                "wants to use that again as it was. Which line writes there?"
            )
    changed = [what for what in before if before[what] != after[what]]
    if changed and not (draws and changed == [GENERATORS]):
        raise Failed(
            f"On {on} your function {changed[-1]}. It should leave everything outside of it as it "
            "was. Which line reaches there?"
        )
    return result


E = TypeVar("E", bound=Exercise)


def declare(exercise: E) -> E:
    """Make an exercise known by its name; return it."""
    EXERCISES[exercise.name] = exercise
    return exercise


def finished(name: str, answer: Any) -> Any:
    """Return an answer that passes its check, and else the course's own: a notebook goes on.

    Parameters
    ----------
    name : str
        Of an exercise in a notebook, such as "4.1-loop".
    answer : any
        What the learner wrote.

    Raises
    ------
    ValueError
        If the course has no answer that could stand in.
    """
    reference = find(name).reference
    if reference is None:
        raise ValueError(
            f"The course has no answer to {name!r} that a notebook could go on with. Use yours."
        )
    if check(name, answer).status == PASSED:
        return answer
    print(f"{name} is not finished: from here on the course's own lines stand in for yours.")
    return reference


def points(name: str, answer: Any, *, most: float, seeds: Sequence[int] = SEEDS) -> float:
    """Return the points of an answer: the cases of the check, with these seeds.

    Parameters
    ----------
    name : str
        Of an exercise that is declared, such as "4.1-masked".
    answer : any
    most : float
        For an answer that is right on every case. One that is wrong on some gets its share of a
        third of that; an untouched stub gets 0.
    seeds : sequence of int
        One or more; by default those of the check. What counts should have others.

    Raises
    ------
    ValueError
        If there is no such exercise, or no seed; never because of the answer.
    """
    exercise = find(name)
    if len(seeds) == 0:
        raise ValueError("points tries an answer with every seed: give at least one, as in (0,).")
    right = [False]
    with suppress(Exception, SystemExit):
        right = [problem is None for problem in exercise.problems(answer, seeds)]
    return float(most) * (1.0 if all(right) else sum(right) / len(right) / 3)


GENERATORS = "draws random numbers, or sets a seed"


def _world() -> dict[str, Any]:
    """What everyone shares, by its name in messages."""
    numpy = pickle.dumps(np.random.get_state())  # noqa: NPY002 learners may use it
    drawn = numpy, random.getstate(), torch.get_rng_state().numpy().tobytes()
    settings = torch.get_default_dtype(), torch.is_grad_enabled()
    return {GENERATORS: drawn, "changed a setting of PyTorch": settings}


def _state(value: Any) -> Any:
    """All of an input that an answer could change, in a form that can be compared."""
    if isinstance(value, Tensor):
        numbers = value.detach().numpy()
        return _state(numbers), value.requires_grad, value.grad is None
    if isinstance(value, nn.Module):
        # the state holds what is no tensor otherwise, such as a VAE's β
        tensors = [*value.parameters(), *value.buffers(), *value.state_dict().values()]
        return [_state(t) for t in tensors], [part.training for part in value.modules()]
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, value.tobytes()
    return repr(value)


def _shape(shape: tuple[int, ...]) -> str:
    return "one number" if shape == () else f"numbers of shape {shape}"


def _place(where: tuple[int, ...]) -> str:
    return "your function" if not where else "row " + ", column ".join(map(str, where))


def _apart(found: float, right: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to see that they differ."""
    found, right = (0.0 if abs(number) < 1e-15 else number for number in (found, right))
    whole = min(6, max(3, *(len(f"{abs(number):.0f}") for number in (found, right))))
    texts = [(f"{found:.{digits}g}", f"{right:.{digits}g}") for digits in (whole, 5, 8, 17)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])
