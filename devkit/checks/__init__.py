"""Smoke checks: one module per API tag, named like it. Everything else in this folder is what they stand on.

scene.py     what a check is given: calls, names of its own, cleanup, waiting
calls.py     the calls themselves, recorded and held against the contract
removals.py  what a check may have created
rows.py      rows of meter queries
expect.py    comparisons that say in one sentence what differs
registry.py  finds the checks      runner.py  runs one      coverage.py  which operations they proved
"""
