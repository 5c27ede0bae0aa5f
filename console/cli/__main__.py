"""`python -m console.cli` is `nightdesk`."""

from console.cli import main

main()
