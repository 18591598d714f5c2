# pip install polars scipy
# python summary.py results/hub-sweep      writes means.csv and difference.csv to the current folder
import sys

import polars as pl
from scipy.stats import t

data = pl.read_csv(f"{sys.argv[1]}/replications.csv", infer_schema_length=None)
columns = data.columns
parameters = columns[columns.index("digest") + 1 : columns.index("replication")]
measures = columns[columns.index("subject") + 1 :]
data = data.with_columns(pl.col(measures).cast(pl.Float64))


def with_interval(estimates):
    """Adds the 95 % interval of Student's t; there is none for a single replication."""
    quantile = pl.Series(t.ppf(0.975, (estimates["replications"] - 1).to_numpy())).fill_nan(None)
    half = quantile * estimates["standard_deviation"] / estimates["replications"].sqrt()
    return estimates.with_columns(ci95_low=estimates["mean"] - half, ci95_high=estimates["mean"] + half)


statistics = {
    "mean": pl.col("value").mean(),
    "standard_deviation": pl.col("value").std(),
    "replications": pl.len(),
}

# Every measure of every point and subject. An empty field is not known, and no zero.
means = with_interval(
    data.unpivot(measures, index=["point", *parameters, "replication", "subject"], variable_name="measure")
    .drop_nulls("value")
    .group_by("point", *parameters, "subject", "measure", maintain_order=True)
    .agg(**statistics)
)
means.write_csv("means.csv")
print(means)

# The last point against the first one. Replications with the same number have the same luck: join, then subtract.
measure = "connector_calls_per_d"
network = data.filter(pl.col("subject") == "all")
first, last = network["point"][0], network["point"][-1]
of_first, of_last = (network.filter(pl.col("point") == point) for point in (first, last))
pairs = of_first.join(of_last, on="replication", suffix="_last")
difference = with_interval(
    pairs.select(value=pl.col(f"{measure}_last") - pl.col(measure)).drop_nulls().select(**statistics)
)
difference.write_csv("difference.csv")
print(f"{measure}, from {first} to {last}:", difference)
