"""Real servers for the tests: lighttpd with the shipped configuration, and an
S3 server.  Each is in the directory of a world, on a free port of 127.0.0.1,
and is stopped by its pid however the test ends."""

import atexit
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import endpoint
import planted
import tap             # whose signals end what atexit has to stop

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
WWW = os.path.abspath(os.path.join(endpoint.BUILD, "www"))


def until(true, seconds, step=0.01):
    """Wait until true() is; what it returned last."""
    end = time.monotonic() + seconds
    while not (value := true()) and time.monotonic() < end:
        time.sleep(step)
    return value


# --- processes ---------------------------------------------------------------

def _stat(pid):
    """State, parent, ... of a process; None if there is no such process."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()
    except OSError:
        return None


def started(pid):
    """When a process was started, None once it has ended: with this, a pid
    names one process for ever."""
    stat = _stat(pid)
    return None if stat is None or stat[0] in "ZX" else stat[19]


def children(pid):
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [p for p in pids if (_stat(p) or [0, 0])[1] == str(pid)]


def descendants(pid, folder=None):
    """Children and theirs; of a folder: those that run a program of it, and
    that no other process of the same program has made."""
    found = []
    for child in children(pid):
        found += [child] + descendants(child)
    if folder is None:
        return found
    folder = os.path.realpath(folder)
    return [p for p in found if os.path.dirname(_exe(p)) == folder and
            _exe(int((_stat(p) or [0, 0])[1])) != _exe(p)]


def _exe(pid):
    try:
        return os.readlink("/proc/%d/exe" % pid)
    except OSError:
        return ""


def stop(processes):
    """End processes, pairs of pid and start: TERM, then KILL."""
    for pid, begin in processes:
        if started(pid) == begin:
            planted.process(pid)
    for number in signal.SIGTERM, signal.SIGKILL:
        left = [(p, s) for p, s in processes if s and started(p) == s]
        for pid, _ in left:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        if until(lambda: all(started(p) != s for p, s in left), 5):
            return


def free_port():
    """Below the range that the kernel gives to clients, at random."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        if "409" in str(port):
            continue            # a store's address must not hold these digits
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


# --- HTTP --------------------------------------------------------------------

class Response:
    """code; headers, a list of pairs; header, by name in lower case (what is
    there twice, joined by a comma); body; text."""

    def __init__(self, code, headers, body):
        self.code, self.headers, self.body = code, headers, body
        self.header = {}
        for name, value in headers:
            name = name.lower()
            self.header[name] = (self.header[name] + ", " + value
                                 if name in self.header else value)
        self.text = body.decode("utf-8", "replace")

    def __str__(self):
        return "status %d\n%s\n%s" % (self.code, "\n".join(
            "%s: %s" % h for h in self.headers), self.text)


def read_response(sock, method="GET"):
    """The next answer on a connection."""
    r = http.client.HTTPResponse(sock, method=method)
    try:
        r.begin()
        body = r.read()
        planted.look("answer", "of a server", str(r.headers).encode() + body)
        return Response(r.status, r.getheaders(), body)
    finally:
        r.close()


def raw(port, data, method="GET", timeout=20):
    """Send these bytes; the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.sendall(data)
        return read_response(s, method)


def ask(port, method, target, body=None, headers=(), version="1.1",
        host="127.0.0.1"):
    """A request with exactly these headers, and Host, Content-Length and
    Connection: close."""
    lines = ["%s %s HTTP/%s" % (method, target, version),
             "Host: %s:%d" % (host, port), "Connection: close"]
    lines += ["%s: %s" % h for h in headers]
    if body is not None:
        lines.append("Content-Length: %d" % len(body))
    head = "\r\n".join(lines) + "\r\n\r\n"
    r = raw(port, head.encode("latin-1") + (body or b""), method)
    if r.header.get("content-type", "").startswith("application/json"):
        judge(target.partition("?")[0][1:], r)
    return r


def judge(name, r):
    """Compare an answer, of an endpoint or of the server itself in its place,
    with the document of the API."""
    try:
        body = json.loads(r.body)
    except ValueError:
        return
    endpoint.judge(name, r.code, dict(r.headers), body)


# --- web servers -------------------------------------------------------------

class Server:
    """A web server with the shipped configuration, in front of the programs of
    the build.  port; pid; log, sockets and uploads, directories.  by: who starts
    the programs.  conf: a function that makes another configuration of the
    shipped one.  user: become the user that the configuration names, which only
    root can; otherwise the server stays who it is, because the world is closed
    to others."""

    def __init__(self, world, by, conf=None, user=False):
        # A unix socket's path holds 107 bytes.
        self.sockets = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
        atexit.register(shutil.rmtree, self.sockets, True)
        self.by, self.world, self.user = by, world, user
        self.log, self.uploads = world.path("log"), world.path("uploads")
        for path in self.log, self.uploads:
            os.makedirs(path, exist_ok=True)
        if user:
            for path in self.sockets, self.log, self.uploads:
                shutil.chown(path, "www-data")
        self.port = free_port()
        self.programs_dir = os.path.join(endpoint.BUILD, "cgi-bin")
        text = self.shipped(user)
        self.conf = world.write("%s-%d.conf" % (self.name, self.port),
                                conf(text) if conf else text)
        self._process, self.keeper = None, None
        atexit.register(self.stop)
        self.start()

    def start(self, clear=True):
        """clear: with an empty directory of sockets, as it should be."""
        if clear and self.keeper is None:
            for name in os.listdir(self.sockets):
                os.unlink(os.path.join(self.sockets, name))
        if self.by in self.kept and self.keeper is None:
            self.keeper = self.keep()
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        with open(os.path.join(self.log, self.name), "ab") as out:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, env={"PATH": path},
                start_new_session=self.own_session)
        self.pid = self._process.pid
        if not until(self._serves, 10):
            raise RuntimeError("%s does not serve:\n" % self.name +
                               self.logs()[-3000:])

    kept = ("sockets", "proxy")         # values of by with a pool
    own_session = False

    def keep(self):
        return Pool(self.world, self.programs_dir, self.sockets, self.log)

    def substitute(self, text, pairs):
        """The shipped text with other values; each must occur."""
        for old, new in pairs:
            text, n = re.subn(
                old, lambda m: (m[1] if m.re.groups else "") + new, text,
                flags=re.M)
            if n == 0:
                raise RuntimeError("no %s in %s" % (old, self.name))
        return text

    def read_shipped(self, path):
        with open(os.path.join(ROOT, path)) as f:
            return f.read()

    def _serves(self):
        if self._process.poll() is not None:
            return False
        try:
            return ask(self.port, "GET", "/").code
        except OSError:
            return False

    def logs(self):
        """What all logs hold."""
        text = ""
        for name in sorted(os.listdir(self.log)):
            with open(os.path.join(self.log, name), errors="replace") as f:
                text += "--- %s\n%s" % (name, f.read())
        return text

    def programs(self):
        """The processes of the programs, pairs of pid and start."""
        pids = self.keeper.programs() if self.keeper else self.of_server()
        return [(p, started(p)) for p in pids]

    def of_server(self):
        return descendants(self.pid, self.programs_dir)

    def reload(self):
        """Read the configuration again, and lose no request."""
        os.kill(self.pid, self.reloads)

    def kill(self):
        """As the kernel does when memory is short."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """A server tells its programs to stop, but does not wait for them."""
        if self._process is not None and self._process.poll() is None:
            all_of_it = [(p, started(p)) for p in
                         [self.pid] + descendants(self.pid)]
            for pid, _ in all_of_it:
                planted.process(pid)
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            until(lambda: all(started(p) != s for p, s in all_of_it), 2)
            stop(all_of_it)
        if self.keeper is not None:
            self.keeper.stop()
            self.keeper = None


class Pool:
    """Every program behind a socket, by scripts/pool.sh."""

    def __init__(self, world, programs, sockets, log):
        self._programs = programs
        names = os.listdir(programs)
        with open(os.path.join(log, "pool"), "ab") as out:
            self._process = subprocess.Popen(
                ["sh", os.path.join(ROOT, "scripts", "pool.sh"), programs,
                 sockets], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={"PATH": os.environ.get("PATH", "") + ":/usr/sbin",
                     "FOLDERGATE_CONFIG": world.conf})
        if not until(lambda: len(os.listdir(sockets)) >= len(names) and
                     len(self.programs()) >= 2 * len(names), 20, 0.05):
            raise RuntimeError("the pool does not start")

    def programs(self):
        return descendants(self._process.pid, self._programs)

    def replace(self):
        self._process.send_signal(signal.SIGHUP)

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


class Web(Server):
    """lighttpd.  by: spawn, sockets, cgi."""

    name, reloads = "lighttpd", signal.SIGUSR1

    def __init__(self, world, conf=None, user=False, by="spawn"):
        super().__init__(world, by, conf, user)

    def command(self):
        return ["lighttpd", "-D", "-f", self.conf]

    def reload(self):
        """lighttpd 1.4.69 ends its programs by SIGTERM and then waits for them.
        A child that has not called execve() yet loses the signal, and lighttpd
        waits for ever."""
        own, before = _exe(self.pid), None

        def at_work():
            nonlocal before
            last, before = before, [(p, _exe(p)) for p in children(self.pid)]
            time.sleep(0.1)
            return before == last and own not in dict(before).values()

        until(at_work, 20)
        super().reload()

    def shipped(self, user):
        text = self.read_shipped("lighttpd-conf/lighttpd.conf")
        if not user:
            text = re.sub(r"^server\.(user|group)name = .*\n", "", text,
                          flags=re.M)
        return self.substitute(text, [
            (r"/run/foldergate", self.sockets),
            (r"/var/log/foldergate", self.log),
            (r"/var/cache/lighttpd/uploads", self.uploads),
            (r"^(var\.foldergate_share = ).*", '"%s"' % ROOT),
            (r"^(var\.foldergate_by = ).*", '"%s"' % self.by),
            (r"^(var\.foldergate_www = ).*", '"%s"' % WWW),
            (r"^(var\.foldergate_programs = ).*",
             '"%s"' % self.programs_dir),
            (r"^(var\.foldergate_config = ).*", '"%s"' % self.world.conf),
            (r"^(server\.port = ).*", str(self.port))])


class Apache(Server):
    """Apache 2.4.  by: proxy, fcgid, cgi; prefork: cgi without threads."""

    name, reloads = "apache2", signal.SIGUSR1
    modules = "authz_core alias rewrite reqtimeout env headers"
    own_session = True      # it ends by a signal to all of its process group
    more = {"proxy": "mpm_event proxy proxy_fcgi", "fcgid": "mpm_event fcgid",
            "cgi": "mpm_event cgid", "prefork": "mpm_prefork cgi"}
    places = {"proxy": [], "fcgid": ["FcgidIPCDir %s",
                                     "FcgidProcessTableFile %s/fcgid"],
              "cgi": ["ScriptSock %s/cgid"], "prefork": []}

    def __init__(self, world, by="proxy", conf=None, user=False):
        super().__init__(world, by, conf, user)

    def command(self):
        """It does not serve as root, and root's files are nobody else's: in a
        namespace of its own it is another user, to whom they belong."""
        other = ["unshare", "--map-user=33", "--map-group=33"]
        return (other if os.geteuid() == 0 and not self.user else []) + [
            "apache2", "-D", "FOREGROUND", "-f", self.conf]

    def shipped(self, user):
        """What Debian's apache2.conf does, as far as we need it."""
        mods = (self.modules + " " + self.more[self.by]).split()
        site = self.substitute(self.read_shipped("apache-conf/site.conf"), [
            (r"^(Define FOLDERGATE_SHARE ).*", ROOT),
            (r"^(Define FOLDERGATE_BY ).*",
             "cgi" if self.by == "prefork" else self.by),
            (r"^(Define FOLDERGATE_SOCKETS ).*", self.sockets),
            (r"^(Define FOLDERGATE_WWW ).*", WWW),
            (r"^(Define FOLDERGATE_PROGRAMS ).*", self.programs_dir),
            (r"^(Define FOLDERGATE_CONFIG ).*", self.world.conf),
            (r"(127\.0\.0\.1:)8000", str(self.port))])
        head = ["ServerName 127.0.0.1", "ServerTokens Prod",
                "ServerSignature Off", "Define APACHE_LOG_DIR " + self.log,
                "PidFile " + self.world.path("apache.pid"),
                "DefaultRuntimeDir " + self.sockets,
                "ErrorLog %s/apache-error.log" % self.log]
        if user:
            head += ["User www-data", "Group www-data"]
        head += ["LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so" %
                 (m, m) for m in mods]
        head += [place % self.sockets for place in self.places[self.by]]
        return "\n".join(head) + "\n" + site


class Nginx(Server):
    """nginx.  by: sockets, fcgiwrap."""

    name, reloads = "nginx", signal.SIGHUP
    kept = ("sockets", "fcgiwrap")

    def __init__(self, world, by="sockets", conf=None, user=False):
        super().__init__(world, by, conf, user)

    def command(self):
        return ["nginx", "-p", self.world.dir, "-c", self.conf]

    def keep(self):
        return super().keep() if self.by == "sockets" else \
            Fcgiwrap(self.sockets, self.log)

    def shipped(self, user):
        """nginx's includes name no variables: they are copied, with the place
        of the tree in them."""
        share = "/usr/local/share/foldergate"
        os.makedirs(self.world.path("nginx-conf"), exist_ok=True)
        for name in os.listdir(os.path.join(ROOT, "nginx-conf")):
            text = self.read_shipped("nginx-conf/" + name)
            self.world.write("nginx-conf/" + name, text.replace(
                share + "/nginx-conf", self.world.path("nginx-conf")).replace(
                    share + "/www", WWW).replace(share, ROOT).replace(
                        "include fastcgi_params;",
                        "include /etc/nginx/fastcgi_params;"))
        with open(self.world.path("nginx-conf/site.conf")) as f:
            site = self.substitute(f.read(), [
                (r"/var/log/nginx", self.log),
                (r"/run/foldergate", self.sockets),
                (r"/run/fcgiwrap.socket",
                 os.path.join(self.sockets, "fcgiwrap.sock")),
                (r"/usr/local/lib/foldergate/cgi-bin", self.programs_dir),
                (r"/etc/foldergate/foldergate.conf", self.world.conf),
                (r"(listen 127\.0\.0\.1:)8000", str(self.port))])
        if self.by == "fcgiwrap":
            site = site.replace("sockets.conf;", "fcgiwrap.conf;")
        temporary = "".join(
            "\t%s_temp_path %s;\n" % (n, self.world.path("nginx-" + n))
            for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        who = "user %s;\n" % ("www-data" if user else "root") \
            if os.geteuid() == 0 else ""
        return who + (
            "daemon off;\nworker_processes 2;\npid %s;\nerror_log %s/nginx.log;"
            "\nevents { }\nhttp {\n%s%s}\n" % (
                self.world.path("nginx.pid"), self.log, temporary, site))


class Caddy(Server):
    """Caddy 2.  It re-reads its file only when it is started."""

    name, reloads = "caddy", signal.SIGUSR1

    def __init__(self, world, by="sockets", conf=None, user=False):
        super().__init__(world, by, conf, user)

    def command(self):
        return ["env", "HOME=" + self.world.dir, "caddy", "run", "--adapter",
                "caddyfile", "--config", self.conf]

    def shipped(self, user):
        self.world.write("endpoints.conf",
                         self.read_shipped("caddy-conf/endpoints.conf"))
        self.world.write("pages.conf", self.substitute(
            self.read_shipped("caddy-conf/pages.conf"), [
                (r"\{\$FOLDERGATE_WWW:/usr/local/share/foldergate/www\}",
                 WWW)]))
        return self.substitute(self.read_shipped("caddy-conf/Caddyfile"), [
            (r"\{\$FOLDERGATE_SHARE:/usr/local/share/foldergate\}", ROOT),
            (r"\{\$FOLDERGATE_SOCKETS:/run/foldergate\}", self.sockets),
            (r"^(:)8000", str(self.port))])


class Fcgiwrap:
    """Three of them, at one socket."""

    def __init__(self, sockets, log):
        path = os.path.join(sockets, "fcgiwrap.sock")
        with open(os.path.join(log, "fcgiwrap"), "ab") as out:
            self._process = subprocess.Popen(
                ["spawn-fcgi", "-n", "-s", path, "-b", "1024", "--",
                 "/usr/sbin/fcgiwrap", "-c", "8", "-f"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if not until(lambda: os.path.exists(path), 10):
            raise RuntimeError("fcgiwrap does not start")

    def programs(self):
        return []

    def stop(self):
        everything = [self._process.pid] + descendants(self._process.pid)
        stop([(p, started(p)) for p in everything])
        self._process.wait()


def cannot(name):
    """Why this server cannot be started here; None if it can."""
    if not name.startswith("apache") or os.geteuid() != 0:
        return None
    r = subprocess.run(["unshare", "--map-user=33", "--map-group=33", "true"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    return None if r.returncode == 0 else \
        "Apache does not serve as root, and there are no user namespaces here"


SERVERS = {
    "lighttpd-spawn": lambda w, **k: Web(w, by="spawn", **k),
    "lighttpd-sockets": lambda w, **k: Web(w, by="sockets", **k),
    "lighttpd-cgi": lambda w, **k: Web(w, by="cgi", **k),
    "apache-proxy": lambda w, **k: Apache(w, "proxy", **k),
    "apache-fcgid": lambda w, **k: Apache(w, "fcgid", **k),
    "apache-cgi": lambda w, **k: Apache(w, "cgi", **k),
    "apache-prefork": lambda w, **k: Apache(w, "prefork", **k),
    "nginx-sockets": lambda w, **k: Nginx(w, "sockets", **k),
    "nginx-fcgiwrap": lambda w, **k: Nginx(w, "fcgiwrap", **k),
    "caddy-sockets": lambda w, **k: Caddy(w, "sockets", **k),
}


# --- S3 ----------------------------------------------------------------------

class Store:
    """The S3 server of scripts/s3-server.sh.  endpoint, region, bucket, key_id
    and secret of the bucket's owner; other_bucket; conf, for Ceph's tools."""

    def __init__(self, world, bucket="miners-data", other="others-data"):
        self.dir = world.path("s3")
        atexit.register(self.stop)
        self._script("up", self.dir, bucket, other)
        values = {}
        with open(os.path.join(self.dir, "s3.env")) as f:
            for line in f:
                name, _, values[name] = line.rstrip("\n").partition("=")
        self.endpoint = values["S3_ENDPOINT"]
        self.host = self.endpoint.partition("://")[2]
        self.port = int(self.host.rpartition(":")[2])
        self.region, self.bucket = values["S3_REGION"], values["S3_BUCKET"]
        self.key_id, self.secret = values["ACCESS_KEY"], values["SECRET"]
        self.other_bucket = other
        self.conf = os.path.join(self.dir, "ceph", "ceph.conf")

    def _script(self, *args):
        """Not killed if we are interrupted: it would leave its daemons."""
        script = os.path.join(ROOT, "scripts", "s3-server.sh")
        p = subprocess.Popen(["sh", script, *args], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            out = p.communicate(timeout=120)[0]
        except BaseException:
            p.terminate()
            p.wait(30)
            raise
        if p.returncode != 0:
            raise RuntimeError(out.decode("utf-8", "replace"))

    def stop(self):
        """At the very end; what disturbed it would leave its daemons."""
        for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
            signal.signal(number, signal.SIG_IGN)
        self._script("down", self.dir)

    def user(self, name):
        """Make a user with a key pair of its own; key id and secret."""
        out = subprocess.run(
            ["radosgw-admin", "-c", self.conf, "user", "create",
             "--uid=" + name, "--display-name=" + name], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=60).stdout
        key = json.loads(out)["keys"][0]
        return key["access_key"], key["secret_key"]
