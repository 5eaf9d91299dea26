"""What /metrics answers, read by Prometheus' own Python library."""

import re

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Metrics:
    """Families and samples of a text.  An OpenMetrics text is read by the
    strict parser, which raises ValueError."""

    def __init__(self, text, is_open=False):
        read = openmetrics if is_open else parser
        self.families = list(read.text_string_to_metric_families(text))
        self.samples = {}
        for family in self.families:
            for s in family.samples:
                key = (s.name, tuple(sorted(s.labels.items())))
                if key in self.samples:
                    raise ValueError("%s is there twice" % (key,))
                self.samples[key] = s.value

    def get(self, name, **labels):
        """The sum of the samples of a name that have these labels."""
        return sum(value for (n, have), value in self.samples.items()
                   if n == "foldergate_" + name and
                   labels.items() <= dict(have).items())

    def has(self, name, **labels):
        return any(n == "foldergate_" + name and
                   labels.items() <= dict(have).items()
                   for n, have in self.samples)


def table():
    """metrics.def: by their names in the answer the type, the labels and the
    help of each."""
    with open("common/state/metrics.def") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    labels = {"NONE": [], "ENDPOINT": ["endpoint"], "ERROR": ["status", "code"],
              **{name: [word] for name, word in
                 re.findall(r'^LABEL\((\w+), "(\w+)"', text, re.M)}}
    suffix = {"COUNTER": "_total", "HISTOGRAM": "_seconds", "GAUGE": ""}
    return {"foldergate_" + name + suffix[kind]: (
        kind.lower(),
        [word for label in re.findall(r"\w+", used) for word in labels[label]],
        "".join(re.findall(r'"([^"]*)"', words)))
        for kind, name, used, words in re.findall(
            r'^(COUNTER|HISTOGRAM|GAUGE)\(\w+, "(\w+)",([^"]*)'
            r'((?:"[^"]*"\s*)+)\)', text, re.M)}
