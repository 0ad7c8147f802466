"""What a learner's copy of a notebook leaves out: every output, and a few lines to be written.

The lines between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` become one line ``...``; they
stand folded away in a cell below. These are nbgrader's marks, but not its program: nbgrader comes
only with the extra ``dev``, which a learner does not install, and it accepts the marks only in
cells that hold an answer to be graded. A test compares the stub with nbgrader's own.
"""

from __future__ import annotations

import copy
from typing import Any

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
FEWEST, MOST = 2, 4
FOLDED = """\
<details><summary>The lines that are missing above</summary>

```python
{lines}
```

</details>"""


def split(source: str) -> tuple[str, str]:
    """Return a cell's source with ``...`` in place of the block, and the block's lines.

    Raises `ValueError` if the marks do not enclose one block of 2 to 4 lines.
    """
    lines = source.splitlines()
    marks = [line.strip() for line in lines if line.strip() in (BEGIN, END)]
    if marks != [BEGIN, END]:
        raise ValueError(f"the marks are not one {BEGIN!r} and then one {END!r}")
    first, last = (place for place, line in enumerate(lines) if line.strip() in (BEGIN, END))
    block = lines[first + 1 : last]
    count = sum(bool(line.strip()) for line in block)
    if not FEWEST <= count <= MOST:
        raise ValueError(f"{count} lines between the marks, not {FEWEST} to {MOST}")
    indent = lines[first][: lines[first].index("#")]
    return "\n".join([*lines[:first], f"{indent}...", *lines[last + 1 :]]), "\n".join(block)


def marked(cell: Any) -> bool:
    """Tell whether a code cell holds one of the marks."""
    source = "".join(cell["source"])
    return cell["cell_type"] == "code" and (BEGIN in source or END in source)


def learners(nb: Any) -> Any:
    """Return a learner's copy of a notebook; the argument stays as it is."""
    nb = copy.deepcopy(nb)
    cells = []
    for cell in nb["cells"]:
        cells.append(cell)
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        if marked(cell):
            source, block = split("".join(cell["source"]))
            cell["source"] = source.splitlines(keepends=True)
            text = FOLDED.format(lines=block).splitlines(keepends=True)
            name = f"{cell['id'][:58]}-lines"
            cells.append({"cell_type": "markdown", "id": name, "metadata": {}, "source": text})
    nb["cells"] = cells
    return nb
