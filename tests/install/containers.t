#!/usr/bin/python3
"""compose.yaml and the example for Kubernetes in docs/docker.md, by the schemas
of Debian's docker-compose and python3-kubernetes.  Neither is run."""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import page
import tap

try:
    import yaml
except ImportError:
    print("1..0 # SKIP no python3-yaml")
    sys.exit(0)
try:
    from kubernetes import client
except ImportError:
    client = None

CLIENT = os.path.join(endpoint.BUILD, "bin", "foldergate")


def compose():
    with open("compose.yaml") as f:
        return yaml.safe_load(f)


def by_schema(t):
    text = "docker-compose accepts compose.yaml"
    if shutil.which("docker-compose") is None:
        return t.skip(text, "no docker-compose")
    r = subprocess.run(["docker-compose", "-f", "compose.yaml", "config", "-q"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.ok(r.returncode == 0, text, r.stdout.decode())


def settings(t):
    """Each variable is a setting."""
    given = compose()["x-settings"]
    r = subprocess.run(
        [CLIENT, "check-config"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60,
        env={"PATH": os.environ["PATH"], "FOLDERGATE_CONFIG": "/dev/null",
             **given})
    text = r.stdout.decode()
    seen = {"FOLDERGATE_" + name.replace(".", "_").upper() for name in
            re.findall(r"(?m)^([a-z0-9]+\.\w+) .*?; environment;", text)}
    t.same(seen, set(given), "check-config takes every setting of compose.yaml "
           "from the environment")


def bucket(t):
    c = compose()
    command = " ".join(c["services"]["bucket"]["command"])
    t.ok(command.endswith("store/" + c["x-settings"]["FOLDERGATE_S3_BUCKET"]),
         "compose.yaml makes the bucket that its settings name", command)
    # A shell gets one $ of two.
    r = subprocess.run(["sh", "-n", "-c", command.replace("$$", "$")],
                       stderr=subprocess.PIPE)
    t.ok(r.returncode == 0 and "$" not in command.replace("$$", ""),
         "the command that makes the bucket is one that a shell reads", command,
         r.stderr.decode())


def wrong(value, kind, where):
    """What a part of the example has that the API does not know, or lacks."""
    m = re.fullmatch(r"list\[(.*)\]|dict\(str, (.*)\)", kind)
    if m is not None:
        if not isinstance(value, list if m[1] else dict):
            return [where + " is no " + kind]
        return [w for i, v in (enumerate(value) if m[1] else value.items())
                for w in wrong(v, m[1] or m[2], "%s[%s]" % (where, i))]
    simple = {"str": str, "int": int, "bool": bool}.get(kind)
    if simple is not None:
        return [] if type(value) is simple else [where + " is no " + kind]
    if kind == "object":
        return []
    model = getattr(client, kind)
    if not isinstance(value, dict):
        return [where + " is no " + kind]
    names = {v: k for k, v in model.attribute_map.items()}
    found = [where + "." + name for name in value if name not in names]
    for name, part in value.items():
        if name in names:
            found += wrong(part, model.openapi_types[names[name]],
                           where + "." + name)
    if not found:
        try:
            model(**{names[k]: v for k, v in value.items()})
        except ValueError as e:
            found.append("%s: %s" % (where, e))
    return found


def kubernetes(t):
    text = "the API of Kubernetes knows every field of the example"
    if client is None:
        return t.skip(text, "no python3-kubernetes")
    example = yaml.safe_load(page.block("docs/docker.md", "Kubernetes", 1))
    t.same((example["apiVersion"], example["kind"]), ("apps/v1", "Deployment"),
           "the example for Kubernetes is a Deployment")
    t.none(wrong(example, "V1Deployment", "Deployment"), text)
    spec = example["spec"]["template"]["spec"]
    mounts = {m["name"] for c in spec["containers"] for m in c["volumeMounts"]}
    t.same(mounts, {v["name"] for v in spec["volumes"]},
           "the example mounts each volume that it names")
    example["spec"]["replica"] = example["spec"].pop("replicas")
    t.ok(wrong(example, "V1Deployment", "Deployment"),
         "a field that is misspelt is found")


if __name__ == "__main__":
    tap.run([by_schema, settings, bucket, kubernetes], endpoint.check_outputs)
