"""What is shown, in words: lines, cells and pieces with their roles, for screens and shell alike.

Every text from outside passes `visible()` here. No Textual, no rule of casework.
"""
