"""Tests of the outside formats."""
