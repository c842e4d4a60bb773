"""`python -m openroll`: the same as the command `openroll`."""

from openroll.compose.main import main

main()
