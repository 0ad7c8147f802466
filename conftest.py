"""Settings of every test run, and of the kernels that it starts for notebooks."""

from __future__ import annotations

import itertools
import os
import socket

from jupyter_client.connect import LocalPortCache

# small networks on several threads wait for each other, most of all beside other test processes
os.environ.setdefault("OMP_NUM_THREADS", "1")

FIRST_PORT = 10_000 + os.getpid() % 200 * 100
_ports = itertools.cycle(range(FIRST_PORT, FIRST_PORT + 100))


def own_port(cache: LocalPortCache, ip: str) -> int:
    """Return a free port that no other test process tries, below those that systems give out.

    `jupyter_client` lets the system choose a port, closes it, and starts a kernel that opens it a
    second later. Meanwhile another test process may have been given the same one, and the kernel
    dies ("Kernel died before replying to kernel_info"; 1 of 160 kernels with four processes).
    """
    for port in _ports:
        with socket.socket() as trial:
            try:
                trial.bind((ip, port))
            except OSError:
                continue
        if port not in cache.currently_used_ports:
            cache.currently_used_ports.add(port)
            return port
    raise AssertionError("a cycle has no end")


LocalPortCache.find_available_port = own_port  # type: ignore[method-assign, assignment]
