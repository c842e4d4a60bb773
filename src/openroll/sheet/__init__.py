"""The operator's file: formats to rows to verdicts, and `pack`, which runs on the operator's side.

Reading is a first pass that writes nothing; a file with any fault is refused whole, with every fault by row, column, value,
expectation and remedy.
"""

from openroll.register.subscription.terms import Terms
from openroll.sheet.faults import Fault, faults_csv
from openroll.sheet.reading import Sheet, read
from openroll.sheet.rows import COLUMNS, check_row

__all__ = ["COLUMNS", "Fault", "Sheet", "Terms", "check_row", "faults_csv", "read"]
