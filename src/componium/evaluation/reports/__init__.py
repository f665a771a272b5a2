"""Reports as self-contained pages without scripts, fonts or network, and the charts on them."""

from componium.evaluation.reports.charts import bar_chart, densities
from componium.evaluation.reports.page import refuse_existing, render_page, write_report

__all__ = ["bar_chart", "densities", "refuse_existing", "render_page", "write_report"]
