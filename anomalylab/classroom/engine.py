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
from functools import cached_property
from inspect import signature
from io import StringIO
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from anomalylab.classroom.core import EXERCISES, Exercise, Failed, NotAttempted, call, kind, numbers
from anomalylab.inputs import Array
from anomalylab.seeding import seeded

SEEDS = (0, 1)  # of the check; what counts in the end has seeds of its own, in a hidden cell
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


@dataclass(frozen=True)
class _Run:
    """What came out on one case: the problem in words, or None; numbers by name, if there are."""

    problem: str | None
    numbers: dict[str, Array] | None
    right: dict[str, Array]


class _Contradiction(Exception):
    """A slip does not give what the answer gave."""


@dataclass(kw_only=True)
class Graded(Exercise):
    """An exercise of which check and points try the same things, with other seeds.

    Attributes
    ----------
    praise : str
        What a right answer hears.
    reference : callable
        A right answer; a notebook goes on with it where the learner's is not finished.
    """

    praise: str
    reference: Any = None

    def problems(self, answer: Any, seeds: Sequence[int] = SEEDS) -> list[str | None]:
        """For every thing that is tried with every seed: what is wrong, or None."""
        raise NotImplementedError

    def examine(self, answer: Any) -> str:
        """Return the word of praise, or raise `Failed` or `NotAttempted`."""
        if wrong := [problem for problem in self.problems(answer) if problem]:
            raise Failed(wrong[0])
        return self.praise


@dataclass(kw_only=True)
class Declared(Graded):
    """An exercise whose check and points follow from what is declared.

    Attributes
    ----------
    reference : callable
        Its parameters give the inputs their names in messages.
    cases, slips : sequences
        At most 8 slips: the cases catch the rest.
    gradients : sequence of int
        Inputs, by place, whose gradients should be those of the reference.
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

    def problems(self, answer: Any, seeds: Sequence[int] = SEEDS) -> list[str | None]:
        """What is wrong on every case with every seed, or None."""
        return [run.problem for run in self.runs(answer, seeds)]

    def examine(self, answer: Any) -> str:
        """Return the word of praise, or raise `Failed` or `NotAttempted`."""
        runs = self.runs(answer)
        problems = [run.problem for run in runs if run.problem]
        if problems:
            raise Failed(self._slip(runs) or problems[0])
        return self.praise

    def runs(self, answer: Any, seeds: Sequence[int] = SEEDS) -> list[_Run]:
        """What the answer gives on every case with every seed."""
        return [self._run(answer, *place) for place in self._places(seeds)]

    def _places(self, seeds: Sequence[int]) -> list[tuple[Case, list[int]]]:
        return [(case, [seed, i]) for seed in seeds for i, case in enumerate(self.cases)]

    @property
    def _names(self) -> list[str]:
        return list(signature(self.reference).parameters)

    def _run(self, answer: Any, case: Case, seed: list[int]) -> _Run:
        def inputs() -> Inputs:
            return case.make(np.random.default_rng(seed))

        with np.errstate(all="ignore"), as_it_was():
            right = self._evaluate(self.reference, inputs(), case.on)
        try:
            self._touches_nothing(answer, inputs(), inputs(), case.on)
            with as_it_was():
                found = self._evaluate(answer, inputs(), case.on)
        except Failed as problem:
            return _Run(str(problem), None, right)
        try:
            self._compare(found, right, case)
            self._rows(answer, inputs(), found["value"], case.on)
        except Failed as problem:
            return _Run(str(problem), found, right)
        return _Run(None, found, right)

    def _evaluate(self, answer: Any, inputs: Inputs, on: str) -> dict[str, Array]:
        """The answer's numbers: the value, and the gradients asked for."""
        leaves = [inputs[i].requires_grad_() for i in self.gradients]
        with torch.enable_grad():
            result = call(answer, *inputs, on=on)
        found = self._numbers(result, inputs, on)
        if not leaves:
            return {"value": found}
        if not isinstance(result, Tensor):
            raise Failed(f"On {on} you returned {kind(result)}. Expected a PyTorch tensor.")
        slopes: Sequence[Tensor | None] = [None] * len(leaves)
        if result.requires_grad:
            weights = torch.arange(1.0, result.numel() + 1).to(result).reshape(result.shape)
            slopes = torch.autograd.grad((result * weights).sum(), leaves, allow_unused=True)
        for i, leaf in zip(self.gradients, leaves, strict=True):
            if leaf.grad is not None:
                raise Failed(
                    f"On {on} your function left a gradient behind in {self._names[i]}. Whoever "
                    "calls it works out gradients of the whole loss. Which line works out one?"
                )
        parts = {"value": found}
        for i, leaf, slope in zip(self.gradients, leaves, slopes, strict=True):
            parts[self._names[i]] = (torch.zeros_like(leaf) if slope is None else slope).numpy()
        return parts

    def _numbers(self, result: Any, inputs: Inputs, on: str) -> Array:
        if self.view and not is_dots(result):
            result = self.view(result, inputs, on)
        return _as_numbers(result, on)

    def _touches_nothing(self, answer: Any, given: Inputs, fresh: Inputs, on: str) -> None:
        """Run twice: the same numbers, and nothing else in the world has changed."""
        found = self._numbers(
            call_watched(self._names, answer, given, fresh, on, self.draws), fresh, on
        )
        with as_it_was(), seeded(736):
            again = self._numbers(call(answer, *fresh, on=on), given, on)
        if not self.draws and not np.array_equal(found, again, equal_nan=True):
            raise Failed(f"On {on} two calls gave different numbers. What differs between them?")

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
                where = tuple(int(i) for i in np.argwhere(wrong)[0])
                pair = _apart(values[where], right[name][where])
                said = self.said(where, *pair)
                if name == "value":
                    raise Failed(f"On {case.on} {said}. {case.look}".strip())
                look = "Work out that slope by hand, for one number: what is different in yours?"
                if not values.any():
                    look = f"On the way from {name} to your result, what does PyTorch not follow?"
                raise Failed(
                    f"On {case.on} the values are right, but in the gradient by {name} {said}. "
                    f"{look}"
                )

    def _differ(self, found: Array, right: Array) -> NDArray[np.bool_]:
        """Where the numbers differ; a gradient's zero may be a rounded one."""
        size = np.abs(right[np.isfinite(right)]).max(initial=0.0) if self.gradients else 0.0
        atol = self.atol + 1e-6 * size
        return ~np.isclose(found, right, self.rtol, atol, equal_nan=True)

    def _rows(self, answer: Any, inputs: Inputs, found: Array, on: str) -> None:
        for row in range(len(found)) if self.by_row else ():
            one = [x[row : row + 1] if i in self.by_row else x for i, x in enumerate(inputs)]
            with as_it_was():
                alone = self._numbers(call(answer, *one, on=f"one row of {on}"), tuple(one), on)
            if alone.shape != found[:1].shape:
                raise Failed(
                    f"For one row of {on} you returned {_shape(alone.shape)}. Expected "
                    f"{_shape(found[:1].shape)}. Which step loses the axis of the rows?"
                )
            if self._differ(alone, found[row : row + 1]).any():
                raise Failed(
                    f"On {on} row {row} gives {found[row]:.4g} in the batch and something else "
                    "alone. A row should get what it gets alone. Which line looks at other rows?"
                )

    @cached_property
    def _slips(self) -> list[list[dict[str, Array] | None]]:
        """What every slip gives on every case of the check; None where it raises."""
        return [[self._shown(slip, *place) for place in self._places(SEEDS)] for slip in self.slips]

    def _shown(self, slip: Slip, case: Case, seed: list[int]) -> dict[str, Array] | None:
        with suppress(Failed), np.errstate(all="ignore"), as_it_was():
            return self._evaluate(slip.answer, case.make(np.random.default_rng(seed)), case.on)
        return None

    def _slip(self, runs: Sequence[_Run]) -> str | None:
        """The message of the slip that explains the results best, if one explains them."""
        fits = []
        for slip, shown in zip(self.slips, self._slips, strict=True):
            with suppress(_Contradiction):
                parts = [self._explains(*pair) for pair in zip(runs, shown, strict=True)]
                pairs = [pair for _, _, pair in parts if pair]
                excused = sum(left for left, _, _ in parts)
                if pairs and excused <= sum(explained for _, explained, _ in parts):
                    said = slip.message.format(found=pairs[0][0], right=pairs[0][1])
                    fits.append((excused, said))
        return min(fits, key=lambda fit: fit[0])[1] if fits else None

    def _explains(
        self, run: _Run, shown: dict[str, Array] | None
    ) -> tuple[int, int, tuple[str, str] | None]:
        """How many wrong numbers of one case a slip leaves open and explains, and one of these."""
        if run.numbers is None or shown is None:
            return int(shown is not run.numbers), 0, None
        excused, explained, pair = 0, 0, None
        for name, found in run.numbers.items():
            slip, right = shown[name], run.right[name]
            if not found.shape == slip.shape == right.shape:
                raise _Contradiction
            differ, wrong = self._differ(found, slip), self._differ(found, right)
            # a NaN on one side comes with a second mistake, and may hide this one
            hidden = differ & wrong & (np.isnan(found) ^ np.isnan(slip))
            if (differ & ~hidden).any():
                raise _Contradiction
            excused += int(hidden.sum())
            explained += int((wrong & ~differ).sum())
            if pair is None and (wrong & ~differ).any():
                where = tuple(np.argwhere(wrong & ~differ)[0])
                pair = _apart(found[where], right[where])
        return excused, explained, pair


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
    with as_it_was(), seeded(START):
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
    if changed == [GENERATORS] and not draws:
        raise Failed(
            f"On {on} your function draws random numbers. The exercise needs none: the result "
            "follows from what goes in. Which line draws?"
        )
    if changed and not (draws and changed == [GENERATORS]):
        raise Failed(
            f"On {on} your function changed {changed[-1]}. It should leave everything outside "
            "of it as it was. Which line reaches there?"
        )
    return result


E = TypeVar("E", bound=Graded)


def declare(exercise: E) -> E:
    """Make an exercise known by its name; return it."""
    EXERCISES[exercise.name] = exercise
    return exercise


def points(name: str, answer: Any, *, most: float, seeds: Sequence[int] = SEEDS) -> float:
    """Return the points of an answer: the cases of the check, with these seeds. Never raises.

    Parameters
    ----------
    name : str
        Of an exercise that is declared, such as "4.1-masked".
    answer : any
    most : float
        For an answer that is right on every case. One that is wrong on some gets its share of a
        third of that; an untouched stub gets 0.
    seeds : sequence of int
        By default those of the check. What counts should have others.
    """
    exercise = EXERCISES.get(name)
    if not isinstance(exercise, Graded):
        raise ValueError(f"{name!r} is no declared exercise.")
    right = [False]
    with suppress(Exception, SystemExit):
        right = [problem is None for problem in exercise.problems(answer, seeds)]
    return float(most) * (1.0 if all(right) else sum(right) / len(right) / 3)


GENERATORS = "the random numbers that others draw next"


@contextmanager
def as_it_was() -> Iterator[None]:
    """Say nothing, and leave generators and settings as they were before the block."""
    old = random.getstate(), np.random.get_state(), np.geterr()  # noqa: NPY002
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    streams = redirect_stdout(StringIO()), redirect_stderr(StringIO())
    with torch.random.fork_rng(devices=[]), streams[0], streams[1]:
        try:
            yield
        finally:
            random.setstate(old[0])
            np.random.set_state(old[1])  # noqa: NPY002
            np.seterr(**old[2])
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)


def _world() -> dict[str, Any]:
    """What everyone shares, by its name in messages."""
    numpy = pickle.dumps(np.random.get_state())  # noqa: NPY002 learners may use it
    drawn = numpy, random.getstate(), torch.get_rng_state().numpy().tobytes()
    settings = torch.get_default_dtype(), torch.is_grad_enabled()
    return {GENERATORS: drawn, "a setting of PyTorch": settings}


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


def is_dots(result: Any) -> bool:
    """Whether a result, or part of it, is still a stub's dots."""
    return result is ... or (isinstance(result, tuple | list) and any(r is ... for r in result))


def _as_numbers(result: Any, on: str) -> Array:
    found = numbers(result)
    if found is None:
        if is_dots(result):
            raise NotAttempted
        raise Failed(f"On {on} you returned {kind(result)}. Expected numbers, one for every row.")
    return found


def _shape(shape: tuple[int, ...]) -> str:
    return "one number" if shape == () else f"numbers of shape {shape}"


def _place(where: tuple[int, ...]) -> str:
    return "your function" if not where else "row " + ", column ".join(map(str, where))


def _apart(found: float, right: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to see that they differ."""
    found, right = (0.0 if abs(number) < 1e-15 else number for number in (found, right))
    texts = [(f"{found:.{digits}g}", f"{right:.{digits}g}") for digits in (3, 5, 8, 17)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])
