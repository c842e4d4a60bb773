"""The checks of a rule: what each looks at, computed from what the rule does over all its kinds, days and events.

`reach` reads a rule once: which clauses hold throughout, who is a person whatever the rule calls them, what a measure takes
from whom. `stories` asks `duties` about made subjects around each clause's edges. `people`, `procedure` and `data` are the
checks. Each gives its breaches, and each breach a witness: the shortest story that shows it.
"""
