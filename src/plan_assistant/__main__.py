"""`python -m plan_assistant` is `plan-assistant`."""

from plan_assistant.cli import main

main()
