"""Textual widgets for any console: how things are shown and scrolled, never what they mean."""
