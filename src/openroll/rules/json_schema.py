"""jsonschema, without the grammars of web addresses that it loads wherever they stand beside it.

`rfc3987_syntax` builds 38 parsers when it is imported: 1.5 s of a processor and 20 MB for formats that no file of ours has, in
every process that reads a rule. A None in `sys.modules` is Python's own way to say that a module is not to be had (The import
system, 5.3.1); jsonschema goes on without it.
"""

import sys

_GRAMMARS = "rfc3987_syntax"

sys.modules.setdefault(_GRAMMARS, None)  # type: ignore[arg-type] # as the documentation says
try:
    from jsonschema import Draft202012Validator, FormatChecker
finally:
    if sys.modules[_GRAMMARS] is None:
        del sys.modules[_GRAMMARS]  # whoever wants it for itself has it

__all__ = ["Draft202012Validator", "FormatChecker"]
