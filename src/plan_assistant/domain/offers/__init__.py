"""From what a household can afford to the plans worth offering."""
