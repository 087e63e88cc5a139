"""The terminal UI (Textual): screens compose, bind keys and hand work to services."""
