"""Domain values as sentences and figures in a language, shared by screens, commands and papers."""
