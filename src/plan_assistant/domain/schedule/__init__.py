"""Terms in, exact schedules out."""
