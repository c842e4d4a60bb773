"""`openroll bench`: benchmarks, each figure beside a limit measured in the same run. Never a test: machines differ.

Nothing is imported here: each child process brings in what it measures and no more, and its peak memory says so.
"""
