"""Policy packs: data, one TOML file for each jurisdiction or lender."""
