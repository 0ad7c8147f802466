"""Settings of every test run, and of the kernels that it starts for notebooks."""

from __future__ import annotations

import os

# small networks on several threads wait for each other, most of all beside other test processes
os.environ.setdefault("OMP_NUM_THREADS", "1")
