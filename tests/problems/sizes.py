"""Sizes at which the problems are tested."""

from __future__ import annotations

from problems import registry
from problems.record import ProblemRecord, Size


def other_size(record: ProblemRecord) -> Size:
    """Return a second size beside the record's small one."""
    if record.second_size is not None:
        return record.second_size
    changes = {"case": "case5", "form": "states"}
    small = record.sizes["small"]
    return {
        key: changes.get(key, value + 3 if isinstance(value, int) else value)
        for key, value in small.items()
    }


# The problems for costly tests: of the many small dense ones of one collection every eighth.
DENSE = [name for name in registry.names() if registry.collection(name) == "hock_schittkowski"]
SAMPLE = sorted(set(registry.names()) - set(DENSE) | set(DENSE[::8]))
RECORDS = [registry.get(name) for name in registry.names()]
SIZED = [
    (record, size)
    for record in RECORDS
    for size in (record.sizes["small"], other_size(record))[: 2 if record.sizes["small"] else 1]
]
SIZED_IDS = [f"{record.name}-{'-'.join(map(str, size.values()))}" for record, size in SIZED]
