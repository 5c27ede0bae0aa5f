"""Keys: chords, sequences, counts and contexts, and the TOML keymaps. No Textual, no commands."""
