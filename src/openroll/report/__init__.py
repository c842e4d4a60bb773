"""What the what-if model found, told to people: charts, and a report as a page or on paper, in both languages.

`Charts` draws every plot of an outcome, for the report and for the roll's own page. Words and numbers are those of a person: two
figures that count, and no band narrower than what is assumed carries.
"""

from openroll.report.charts import Chart, Charts
from openroll.report.look import Look, Picture

__all__ = ["Chart", "Charts", "Look", "Picture"]
