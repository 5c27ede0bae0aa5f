"""The rules of the work without any I/O: policy, clocks, verification, disclosure, filters."""
