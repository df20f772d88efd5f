# S1: of the routes whose handler itself finds what they are about, every one with every role, for what is in the folder of the role and
# for what is in another. The gate's own matrix is service/auth/matrix.test.cpp; a route that is in neither fails a test.
import json
import re
import unittest

from program import ROOT, chain, node, until
from serving import ServeTest

ROLES = ("viewer", "operator", "editor", "developer", "admin")
FOLDERS = ("team", "other")
# What is seen is not there, or may not be touched.
DENIED = (403, 404)


def inside():
    """Operation: method and permission, of the routes that say Object::inside."""
    found = {}
    for path in (ROOT / "service").rglob("*.cpp"):
        text = path.read_text()
        for match in re.finditer(r'\.method = "(\w+)",\s*\.pattern = "[^"]+",\s*\.operation = "(\w+)"', text):
            end = text.find('.method = "', match.end())
            body = text[match.start():end if end > 0 else len(text)]
            if "Object::inside" in body:
                found[match[2]] = (match[1], re.search(r'\.permission = "([^"]*)"', body)[1])
        if "route.object = Object::inside" in text:
            found["watchAlerts"] = ("GET", "flow.read")
    return found


def idle(name):
    nodes = [node("count", "generate/pattern", rows=0, rate=20, batchRows=1), node("show", "debug/log", rows=1)]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes),
            "config": {"alerts": [{"name": f"busy-{name}", "metric": "e1.rows", "over": 1, "severity": "critical"}]}}


def bare(name):
    return {"id": name, "version": "1.0.0", "nodes": [], "edges": []}


# Path and body of each operation, `{…}` of what is in the folder. A name that ends the folder's thing (last) is asked by the last role
# that may; a stream goes on and is asked only where it is to be refused; an execution is its caller's own (mine) and in no folder (nowhere).
PLAN = {
    "execute": dict(path="/execute", body={"flow": bare("x")}, nowhere=True),
    "listExecutions": dict(path="/executions", lists=True),
    "getExecution": dict(path="/executions/{execution}", mine=True),
    "readExecution": dict(path="/executions/{execution}/events", mine=True),
    "cancelExecution": dict(path="/executions/{execution}", mine=True),
    "createFlow": dict(path="/flows?folder={folder}", body=bare("new-{folder}-{role}")),
    "listFlows": dict(path="/flows?folder={folder}", lists=True),
    "listAlerts": dict(path="/alerts", lists=True),
    "getAlert": dict(path="/alerts/{alert}"),
    "acknowledgeAlert": dict(path="/alerts/{alert}/acknowledge"),
    "silenceAlert": dict(path="/alerts/{alert}/silence", body={"forMs": 60_000}),
    "listAlertRules": dict(path="/alert-rules", lists=True),
    "getAlertRule": dict(path="/alert-rules/rule-{folder}"),
    "putAlertRule": dict(path="/alert-rules/rule-{folder}", body={"folder": "{folder}", "metric": "weir_flow_stuck_seconds", "over": 300}),
    "deleteAlertRule": dict(path="/alert-rules/rule-{folder}", last=True),
    "apply": dict(path="/apply", body={"publish": False, "flows": [{"document": bare("applied-{folder}"), "folder": "{folder}"}]}),
    "listAudit": dict(path="/audit", lists=True),
    "listMounts": dict(path="/mounts?folder={folder}", lists=True),
    "getMount": dict(path="/mounts/mount-{folder}?folder={folder}"),
    "putMountFile": dict(path="/mounts/project/files/in/{role}.csv?folder={folder}", body="a\n1\n"),
    "listEnvironments": dict(path="/environments?folder={folder}", lists=True),
    "getEnvironment": dict(path="/environments/env-{folder}?folder={folder}"),
    "putEnvironment": dict(path="/environments/env-{folder}?folder={folder}", body={"parameters": {"a": "1"}}),
    "deleteEnvironment": dict(path="/environments/env-{folder}?folder={folder}", last=True),
    "getNetwork": dict(path="/network?folder={folder}", lists=True),
    "listGrants": dict(path="/grants", lists=True),
    "createGrant": dict(path="/grants", body={"user": "{user}", "role": "viewer", "folder": "{folder}"}),
    "removeGrant": dict(path="/grants/{grant}", last=True),
    "readStreams": dict(path="/live/events?subscribe=events:{run}", stream=True),
    "watchAlerts": dict(path="/live/alerts?folder={folder}", stream=True),
    "listAllDeadLetters": dict(path="/dead-letters", lists=True),
    "countDeadLetters": dict(path="/dead-letters/counts?group=run", lists=True),
    "discardAllDeadLetters": dict(path="/dead-letters?flow=flow-{folder}", lists=True),
    "listQuotas": dict(path="/quotas", lists=True),
    "listRuns": dict(path="/runs", lists=True),
    "getRun": dict(path="/runs/{run}"),
    "stopRun": dict(path="/runs/{run}/stop", last=True),
    "resumeRun": dict(path="/runs/{run}/resume"),
    "changeRunVersion": dict(path="/runs/{run}/version", body={}),
    "deleteRun": dict(path="/runs/{run}", last=True),
    "getRunLogs": dict(path="/runs/{run}/logs"),
    "listRunCrashes": dict(path="/runs/{run}/crashes"),
    "getRunMetrics": dict(path="/runs/{run}/metrics"),
    "readRunEvents": dict(path="/runs/{run}/events", stream=True),
    "listSchedules": dict(path="/schedules", lists=True),
    "getSchedule": dict(path="/schedules/{schedule}"),
    "replaceSchedule": dict(path="/schedules/{schedule}", body={"name": "s-{folder}", "everyMs": 86_400_000}),
    "deleteSchedule": dict(path="/schedules/{schedule}", last=True),
    "pauseSchedule": dict(path="/schedules/{schedule}/pause"),
    "resumeSchedule": dict(path="/schedules/{schedule}/resume"),
    "runScheduleNow": dict(path="/schedules/{schedule}/run"),
    "getScheduleTimes": dict(path="/schedules/{schedule}/times"),
    "listScheduleFires": dict(path="/schedules/{schedule}/fires"),
    "listSecrets": dict(path="/secrets?folder={folder}", lists=True),
    "getSecret": dict(path="/secrets/KEY_{folder}?folder={folder}"),
    "putSecret": dict(path="/secrets/KEY_{folder}?folder={folder}", body={"value": "a value", "hosts": ["a.example.com"]}),
    "deleteSecret": dict(path="/secrets/KEY_{folder}?folder={folder}", last=True),
}


class RightsMatrix(ServeTest):
    def json(self, server, method, path, body=None, status=(200, 201, 202, 204), headers=None):
        found, got, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertIn(found, status, (path, said))
        self.headers = got
        return json.loads(said) if said else None

    def fill(self, server, folder):
        """Something of everything in the folder."""
        name = f"flow-{folder}"
        things = {"folder": folder}
        self.json(server, "POST", f"/flows?folder={folder}", idle(name))
        self.json(server, "POST", f"/flows/{name}/versions", {"publish": True})
        things["run"] = self.json(server, "POST", f"/flows/{name}/runs", {})["id"]
        things["schedule"] = self.json(server, "POST", f"/flows/{name}/schedules", {"name": f"s-{folder}", "everyMs": 86_400_000})["id"]
        self.json(server, "PUT", f"/alert-rules/rule-{folder}", {"folder": folder, "metric": "weir_flow_stuck_seconds", "over": 300})
        (self.folder / f"mount-{folder}").mkdir()
        self.json(server, "PUT", f"/mounts/mount-{folder}?folder={folder}", {"directory": str(self.folder / f"mount-{folder}")})
        self.json(server, "PUT", f"/environments/env-{folder}?folder={folder}", {"parameters": {"a": "1"}})
        self.json(server, "PUT", f"/secrets/KEY_{folder}?folder={folder}", {"value": "a value", "hosts": ["a.example.com"]})
        user = self.json(server, "POST", "/users", {"name": f"guest-{folder}", "password": "a password for tests"})["id"]
        things["user"] = user
        things["grant"] = self.json(server, "POST", "/grants", {"user": user, "role": "viewer", "folder": folder})["id"]
        things["execution"] = self.json(server, "GET", "/executions")["executions"][-1]["id"] if self.executed(server) else ""
        alerts = lambda: [one for one in self.json(server, "GET", "/alerts")["alerts"] if one.get("flow") == name]  # noqa: E731
        things["alert"] = str(until(alerts, 60)[0]["number"])
        return things

    def executed(self, server):
        return server.ask("POST", "/api/v1/execute", {"flow": bare("x")})[0] == 200

    def sign_in(self, server, role):
        who = {"name": role, "password": "a password for tests"}
        account = self.json(server, "POST", "/users", who)["id"]
        if role != "stranger":
            self.json(server, "POST", "/grants", {"user": account, "role": role, "folder": "team"})
        session = self.json(server, "POST", "/session", who, headers={"cookie": ""})
        return {"cookie": self.headers["set-cookie"].split(";")[0], "x-weir-csrf": session["csrf"]}

    def ask(self, server, headers, operation, things, role):
        plan = PLAN[operation]
        fill = lambda text: re.sub(r"\{(\w+)\}", lambda found: {**things, "role": role}.get(found[1], found[0]), text)  # noqa: E731
        body = json.loads(fill(json.dumps(plan["body"]))) if "body" in plan else None
        return server.ask(self.routes[operation][0], f"/api/v1{fill(plan['path'])}", body, headers)

    def test_S1_what_handlers_find_themselves_is_refused_where_it_is_of_others(self):
        self.routes = inside()
        self.assertEqual(set(PLAN), set(self.routes), "a route has no place in the matrix")
        server = self.serve()
        things = {folder: self.fill(server, folder) for folder in FOLDERS}
        # What tells that the other folder has something.
        canaries = [things["other"][name] for name in ("run", "schedule", "grant")] + ["rule-other", "mount-other", "env-other", "KEY_other", "flow-other"]
        checked, reached = 0, set()
        held = {role["name"]: set(role["permissions"]) for role in self.json(server, "GET", "/roles")["roles"]}
        for role in ("stranger", *ROLES):
            headers = self.sign_in(server, role)
            # What ends things comes when all else has been asked.
            for operation, (_, permission) in sorted(self.routes.items(), key=lambda item: PLAN[item[0]].get("last", False)):
                plan = PLAN[operation]
                if not plan.get("nowhere"):
                    checked += 1
                    with self.subTest(role=role, operation=operation, of="others"):
                        status, _, said = self.ask(server, headers, operation, things["other"], role)
                        self.assertIn(status, (200, *DENIED) if plan.get("lists") else DENIED, said)
                        for canary in canaries:
                            # A refusal may repeat what was asked for.
                            self.assertFalse(status == 200 and canary in said, f"{canary}: {said[:500]}")
                may = permission in held.get(role, set())
                if plan.get("mine") or (may and plan.get("stream")) or (may and plan.get("last") and role != "admin"):
                    continue
                with self.subTest(role=role, operation=operation, of="its own"):
                    status, _, said = self.ask(server, headers, operation, things["team"], role)
                    checked += 1
                    if may:
                        self.assertNotIn(status, (401, *DENIED), said)
                        self.assertLess(status, 500, said)
                        reached.add(operation)
                    else:
                        self.assertIn(status, (200, *DENIED) if plan.get("lists") else DENIED, said)
        # Each was reached by somebody: what is always refused would say nothing about who may.
        never = {operation for operation in PLAN if operation not in reached and not PLAN[operation].get("mine") and not PLAN[operation].get("stream")}
        self.assertEqual(never, set())
        print(f"\nS1: {len(PLAN)} routes, {checked} answers", flush=True)
        # Nothing of the other folder was changed by any of it.
        self.assertEqual(self.json(server, "GET", f"/runs/{things['other']['run']}")["state"], "running")
        self.json(server, "GET", f"/schedules/{things['other']['schedule']}")
        self.json(server, "GET", "/alert-rules/rule-other")
        self.json(server, "GET", "/environments/env-other?folder=other")
        self.json(server, "GET", "/secrets/KEY_other?folder=other")
        self.assertIn(things["other"]["grant"], json.dumps(self.json(server, "GET", "/grants")))


if __name__ == "__main__":
    unittest.main()
