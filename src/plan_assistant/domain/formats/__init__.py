"""The outside form of domain values: versioned file formats, canonical JSON, fingerprints."""
