"""The application: the one place that composes widgets, keymaps and the local cache.

Here lives what makes Nightdesk Nightdesk: the desk and its rules, the sources it pulls from, the
screens and the command line. Nothing outside this package imports it.
"""

__version__ = "0.1.0"
