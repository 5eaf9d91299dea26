#!/usr/bin/python3
"""monitoring/: the rules and the dashboard ask for metrics that there are, and each
alert has a test and a section in docs/monitor.md.  With promtool (PROMTOOL, see
`make check-monitoring`), the tests of the rules are run and a real answer is
linted."""

import json
import os
import re
import subprocess
import sys

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import metrics
import tap
import world

RULES, TESTS = "monitoring/alerts.yml", "tests/check/alerts.yml"
BOARD = "monitoring/grafana.json"
TOKEN = "a token of enough bytes"
PROMTOOL = os.environ.get("PROMTOOL", "")

# Of Prometheus itself, and what its language has beside names of metrics.
OTHERS = {"up"}
WORDS = {"and", "or", "unless", "on", "by", "without", "sum", "max", "min", "abs",
         "rate", "increase", "max_over_time", "offset", "histogram_quantile",
         "label_values"}
LABELS = {"job", "instance", "le"}


def load(path):
    with open(path) as f:
        return yaml.safe_load(f)


def rules():
    return [rule for group in load(RULES)["groups"] for rule in group["rules"]]


def names_of(expression):
    """Metrics, and labels in braces and after by, on and without."""
    labels = set(re.findall(r"(\w+)\s*(?:=~|!=|=)\s*\"", expression))
    bare = re.sub(r"\{[^}]*\}|\"[^\"]*\"|\[[^\]]*\]|\b\d[\d.]*[smhd]?\b", " ",
                  expression)
    for group in re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", bare):
        labels |= set(re.findall(r"\w+", group))
    bare = re.sub(r"\b(?:by|on|without)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"[a-z_]\w*", bare)) - WORDS, labels


def known():
    """The names of samples, with their labels."""
    found = {}
    for name, (kind, labels, _) in metrics.table().items():
        ends = ["_bucket", "_sum", "_count"] if kind == "histogram" else [""]
        for end in ends:
            found[name + end] = set(labels)
    return found


def check(t, what, expressions):
    have, wrong = known(), []
    for expression in expressions:
        names, labels = names_of(expression)
        wrong += ["%s in: %s" % (name, expression)
                  for name in names - set(have) - OTHERS]
        allowed = LABELS.union(*(have.get(name, set()) for name in names))
        wrong += ["label %s in: %s" % (label, expression)
                  for label in labels - allowed]
    t.ok(len(expressions) > 10, what + " has expressions", len(expressions))
    t.none(wrong, what + " asks for metrics and labels that there are")


def alerts(t):
    all_rules = rules()
    check(t, RULES, [rule["expr"] for rule in all_rules])
    names = [rule["alert"] for rule in all_rules]
    t.same(len(set(names)), len(names), "each alert has a name of its own")
    t.none([rule["alert"] for rule in all_rules if
            set(rule["annotations"]) != {"summary", "description"} or
            rule["labels"].get("severity") not in ("warning", "critical")],
           "each alert has a severity, a summary and a description")
    with open("docs/monitor.md") as f:
        t.same(re.findall(r"^### (\w+)$", f.read(), re.M), names,
               "docs/monitor.md has a section for each alert, in their order")
    fires, silent = set(), set()
    for test in load(TESTS)["tests"]:
        for case in test["alert_rule_test"]:
            (fires if case["exp_alerts"] else silent).add(case["alertname"])
    t.same((fires, silent), (set(names), set(names)),
           "each alert has a test in which it fires, and one in which it is "
           "silent")


def board(t):
    with open(BOARD) as f:
        doc = json.load(f)
    panels = [p for p in doc["panels"] if p["type"] != "row"]
    check(t, BOARD, [target["expr"] for p in panels for target in p["targets"]])
    ids = [p["id"] for p in doc["panels"]]
    t.same(len(set(ids)), len(ids), "each panel has an id of its own")
    places = set()
    for p in doc["panels"]:
        g = p["gridPos"]
        places |= {(x, y) for x in range(g["x"], g["x"] + g["w"])
                   for y in range(g["y"], g["y"] + g["h"])}
    t.same((len(places), max(x for x, _ in places)),
           (sum(p["gridPos"]["w"] * p["gridPos"]["h"] for p in doc["panels"]),
            23), "no two panels overlap, and none is outside")
    used = " ".join(target["expr"] for p in panels for target in p["targets"])
    unused = [name for name in known() if name not in used and
              not name.endswith(("_sum", "_count"))]
    t.same(set(unused), {"foldergate_counting", "foldergate_ledger_up",
                         "foldergate_sandbox", "foldergate_snapshot_hotkeys"},
           "the dashboard shows every metric but four")


def real(t):
    """Each metric is in a real answer."""
    w = world.World(limits_replay=None)
    w.configure(metrics_token_file=w.secret("m.token", TOKEN))
    w.snapshot()
    w.post(w.request())
    answers = [w.get("metrics", HTTP_AUTHORIZATION="Bearer " + TOKEN,
                     HTTP_ACCEPT=accept) for accept in ("*/*", metrics.OPEN)]
    m = metrics.Metrics(answers[0].body.decode())
    names = {name for name, _ in m.samples}
    t.none(sorted(set(known()) - names - {
        "foldergate_index_age_seconds", "foldergate_clock_skew_seconds"}),
        "each metric is in a real answer")
    if not PROMTOOL:
        t.skip("promtool checks rules, their tests and a real answer",
               "no PROMTOOL: see make check-monitoring")
        return
    for words, args, given in [
            ("the rules are right", ["check", "rules", RULES], b""),
            ("the tests of the rules pass", ["test", "rules", TESTS], b""),
            ("a real answer has no fault", ["check", "metrics"],
             answers[0].body)]:
        r = subprocess.run([PROMTOOL, *args], input=given,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        t.ok(r.returncode == 0, "promtool: " + words, r.stdout.decode())


if __name__ == "__main__":
    tap.run([alerts, board, real], endpoint.check_outputs)
