"""Linear mode: the desk as prompts and plain lines, for screen readers and dumb terminals.

The same registry of commands, the same forms and the same words as the screens, one thing a line:
no cursor is moved, nothing is drawn, nothing changes that was said. Never Textual here.
"""
