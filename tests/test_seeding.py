"""Seeds, threads, progress."""

from __future__ import annotations

import threading

import pytest
import torch

from anomalylab.seeding import cpu_threads, fixed_noise, seeded, status


def test_a_seeded_block_leaves_no_trace() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    with pytest.raises(RuntimeError), seeded(3):
        torch.rand(5)
        raise RuntimeError("also after an error")
    assert torch.equal(torch.rand(1), expected)


def test_fixed_noise_is_the_same_everywhere_and_leaves_no_trace() -> None:
    with seeded(7):
        expected = torch.rand(1)
    with seeded(7):
        first, second = fixed_noise(3, 2), fixed_noise(3, 2)
        assert torch.equal(first, second) and first.shape == (3, 2)
        assert first.dtype == torch.float64
        assert torch.equal(torch.rand(1), expected)


def test_blocks_nest() -> None:
    with seeded(1):
        first, second = torch.rand(1), torch.rand(1)
    with seeded(1):
        assert torch.equal(torch.rand(1), first)
        with seeded(1):
            assert torch.equal(torch.rand(1), first)
        assert torch.equal(torch.rand(1), second)


def test_another_thread_waits() -> None:
    inside = threading.Event()
    order = []

    def other() -> None:
        inside.wait()
        with seeded(0):
            order.append("other")

    thread = threading.Thread(target=other)
    thread.start()
    with seeded(0):
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_threads_are_put_back() -> None:
    before = torch.get_num_threads()
    with cpu_threads(before + 1):
        assert torch.get_num_threads() == before + 1
        with cpu_threads(None):
            assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_status_rewrites_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status("one")
    status("two", end=True)
    assert capsys.readouterr().out == f"\r{'one':<79}\r{'two':<79}\n"
