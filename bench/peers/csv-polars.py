# The CSV job in polars.
import sys
import time

import polars

start = time.perf_counter()
result = (
    polars.scan_csv(f"{sys.argv[1]}/*.csv")
    .group_by("region")
    .agg(
        polars.len(),
        polars.col("quantity").sum().alias("sum"),
        polars.col("quantity").mean().alias("mean"),
        polars.col("price").min().alias("min"),
        polars.col("price").max().alias("max"),
    )
    .sort("region")
    .collect()
)
print("seconds", time.perf_counter() - start)
print("rows", result.height)
