"""Draw customers by month and provider, from the one table that one_table.py makes.

python examples/chart.py customers.duckdb chart.png
"""

from argparse import ArgumentParser

import duckdb
import matplotlib as mpl
from matplotlib import pyplot as plt

mpl.use("Agg")  # draw into a file: no window, no display

# Not every provider tells when a customer was made.
MONTHS = """\
WITH known AS (
  SELECT provider, coalesce(created_at, updated_at) AS since FROM unified.customers WHERE is_deleted IS NOT TRUE
)
SELECT date_trunc('month', since) AS month, provider, count(*) AS customers FROM known
WHERE since >= (SELECT date_trunc('month', max(since)) FROM known) - INTERVAL 23 MONTHS
GROUP BY ALL ORDER BY ALL"""

# Colours that people who see few colours can tell apart, too.
PROVIDERS = {
    "caoloon": ("CAO Loon", "#0072B2"),
    "coredination": ("Coredination", "#E69F00"),
    "mijnklantportaal": ("MijnKlantportaal", "#009E73"),
    "valomnia": ("Valomnia", "#CC79A7"),
}


def main() -> None:
    """Read the numbers, and draw a bar for each month with a part for each provider."""
    parser = ArgumentParser(description="Draw customers by month and provider.")
    parser.add_argument("database", help="the DuckDB file in which one_table.py made the table")
    parser.add_argument("picture", help="the PNG file to write")
    arguments = parser.parse_args()

    with duckdb.connect(arguments.database, read_only=True) as database:
        rows = database.sql(MONTHS).to_df()
    table = rows.pivot_table("customers", "month", "provider", fill_value=0)  # a row a month, a column a provider
    table = table.asfreq("MS", fill_value=0)  # months without any customer, too

    names, colours = zip(*(PROVIDERS[provider] for provider in table.columns), strict=True)
    axes = table.plot.bar(stacked=True, color=colours, width=0.85, figsize=(9, 4.2))
    axes.set_title("Customers by month and provider", loc="left", fontweight="bold")
    axes.set_xlabel("month in which the customer was made (CAO Loon: last changed)", color="#555555")
    axes.set_xticks(range(len(table)), [f"{month:%b\n%Y}" if month.month in {1, 7} else "" for month in table.index])
    axes.tick_params(axis="both", length=0, labelrotation=0)
    axes.legend(names, ncols=4, frameon=False, loc="upper left", bbox_to_anchor=(-0.01, 1.02))
    axes.set_ylim(top=axes.get_ylim()[1] * 1.12)  # room for the legend
    axes.grid(axis="y", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    plt.savefig(arguments.picture, dpi=110, bbox_inches="tight")
    print(f"{arguments.picture}: {len(table)} months, {rows['customers'].sum()} customers")


if __name__ == "__main__":
    main()
