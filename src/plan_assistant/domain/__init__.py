"""The pure heart: what a case is, what a household can afford, which plans exist, what they cost.

Nothing in this package reads a file, a clock, a locale, a terminal, an environment or a store.
"""
