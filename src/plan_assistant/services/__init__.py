"""Use cases, one module per intention: they order steps, open and commit stores, decide nothing."""
