"""Case files into cases."""
