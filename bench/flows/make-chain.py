#!/usr/bin/env python3
# A chain of N map nodes behind a generator: make-chain.py NODES ROWS FILE
import json
import sys

nodes, rows, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chain = [{"id": "source", "typeId": "generate/pattern", "version": "1.0.0", "settings": {"pattern": "sequential", "rows": rows}}]
chain += [{"id": f"n{i}", "typeId": "logic/map", "version": "1.0.0", "settings": {"set": {"value": "row.value + 1.0"}}} for i in range(nodes)]
chain += [{"id": "count", "typeId": "aggregate/group", "version": "1.0.0",
           "settings": {"keys": [], "measures": [{"name": "sum", "function": "sum", "of": "row.value"}]}},
          {"id": "show", "typeId": "debug/log", "version": "1.0.0", "settings": {}}]
edges = [{"id": f"e{i}", "source": {"node": chain[i]["id"], "port": "rows"}, "target": {"node": chain[i + 1]["id"], "port": "rows"}}
         for i in range(len(chain) - 1)]
with open(path, "w") as out:
    json.dump({"id": f"chain-{nodes}", "version": "1.0.0", "metadata": {"version": "1.0.0"}, "nodes": chain, "edges": edges}, out)
