"""A witness: cosigns heads of any C2SP log that go on from the last it saw, and never two that contradict each other."""
