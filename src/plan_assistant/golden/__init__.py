"""Golden cases: numbers from outside, and the runner that holds the engine to them.

The cases under `cases/` name their sources one by one (`source`); `SCHEMA.md` describes the format,
`golden-case-2.schema.json` is its strict form. `PROVENANCE.md` says where the set comes from.
"""
