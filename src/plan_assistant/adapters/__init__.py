"""Implementations of the ports: files, stores, documents, calendars, the clock."""
