#!/usr/bin/env python3
# Writes the benchmarks' flows into this folder; run it after changing one here.
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent


def node(id, type_id, **settings):
    return {"id": id, "typeId": type_id, "version": "1.0.0", "settings": settings}


def flow(name, nodes, parameters, edges=None, **edge_options):
    chain = edges or [(nodes[i]["id"], "match" if nodes[i]["typeId"] in ("logic/filter", "text/grep") else "rows", nodes[i + 1]["id"], "rows")
                      for i in range(len(nodes) - 1)]
    document = {
        "id": name,
        "version": "1.0.0",
        "metadata": {"version": "1.0.0", "description": "Benchmark"},
        "parameters": parameters,
        "nodes": nodes,
        "edges": [{"id": f"e{i}", "source": {"node": a, "port": p}, "target": {"node": b, "port": q}, **edge_options}
                  for i, (a, p, b, q) in enumerate(chain)],
    }
    (HERE / f"{name}.flow.json").write_text(json.dumps(document, indent=2) + "\n")


def parameter(name, kind, default):
    return {"name": name, "type": kind, "default": default}


def five(source):
    return [
        source,
        node("scale", "logic/map", set={"value": "row.value * 2.0 + 1.0"}),
        node("drop", "logic/filter", condition="row.id % 10 != 0"),
        node("shift", "logic/map", set={"value": "row.value - 1.0"}),
        node("count", "aggregate/group", keys=[], measures=[{"name": "rows", "function": "count"}]),
        node("show", "debug/log"),
    ]


rows = parameter("rows", "integer", 1000000)
flow("five-stage", five(node("source", "generate/pattern", pattern="sequential", rows="${rows}")), [rows])
flow("one-row", five(node("source", "generate/pattern", pattern="sequential", rows="${rows}", batchRows=1)), [rows], batch={"maxRows": 1})
flow("paced", five(node("source", "generate/pattern", pattern="sequential", rows="${rows}", rate=1000, batchRows=1)), [rows], batch={"maxRows": 1})
flow("csv-group", [
    node("read", "files/csv-read", path="${folder}/*.csv"),
    node("sum", "aggregate/group", keys=["region"], measures=[
        {"name": "rows", "function": "count"},
        {"name": "quantity", "function": "sum", "of": "row.quantity"},
        {"name": "mean", "function": "mean", "of": "row.quantity"},
        {"name": "low", "function": "min", "of": "row.price"},
        {"name": "high", "function": "max", "of": "row.price"}]),
    node("write", "files/csv-write", path="${out}"),
], [parameter("folder", "string", "../../build/bench-data/csv"), parameter("out", "string", "out/regions.csv")])
flow("grep", [
    node("read", "files/text-read", path="${folder}/**/*.log"),
    node("errors", "text/grep", pattern="ERROR|FATAL"),
    node("write", "files/text-write", path="${out}"),
], [parameter("folder", "string", "../../build/bench-data/logs"), parameter("out", "string", "out/errors.txt")])
flow("ndjson", [
    node("read", "files/json-read", path="${path}"),
    node("rate", "logic/filter", condition="row.event == 'rate'"),
    node("sum", "aggregate/group", keys=[], measures=[
        {"name": "rows", "function": "count"}, {"name": "amount", "function": "sum", "of": "row.amount"}]),
    node("write", "files/csv-write", path="${out}"),
], [parameter("path", "string", "../../build/bench-data/ndjson/events.ndjson"), parameter("out", "string", "out/rates.csv")])
