"""The benchmark: how quick Nightdesk is, as ratios to its peers in one run on one machine.

`make bench` runs it; docs/performance.md says what the figures mean.
"""
