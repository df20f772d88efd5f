#!/usr/bin/env python3
# What a row waits on the edges of a paced run, and how long the steps take: latency.py METRICS
import json
import sys

metrics = json.load(open(sys.argv[1]))
# What happens once, at the end of the run, is no row's way.
edges = [edge for edge in metrics["edges"] if edge["wait"]["count"] > 10]
nodes = [node for node in metrics["nodes"] if node["step"]["count"] > 10]
wait = sum(edge["wait"]["p99Nanos"] for edge in edges)
step = sum(node["step"]["p99Nanos"] for node in nodes)
half = sum(edge["wait"]["p50Nanos"] for edge in edges) + sum(node["step"]["p50Nanos"] for node in nodes)
print(f"   p50 at most {half / 1000:.1f} us, p99 at most {(wait + step) / 1000:.1f} us (sums of the edges' and steps' quantiles)")
