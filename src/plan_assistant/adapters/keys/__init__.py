"""Master keys and what is sealed under them."""
