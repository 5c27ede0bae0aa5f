"""Responses: templates, the variables that fill them, and what is checked before one goes."""
