# Real servers for tests: each on a free port of 127.0.0.1 in a folder of its own, ended by its pid.
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), Path("/nonexistent"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def needs(program):
    path = shutil.which(str(program), path=os.environ.get("PATH", "") + ":/usr/sbin")
    return unittest.skipUnless(path, f"skipped: {program} is not installed")


def dies_with_the_test():
    """A server must not outlive a test that was killed: PR_SET_PDEATHSIG."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Server:
    """Started by the constructor; `stop` and `start` again on the same port and data."""

    def __init__(self, test, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None
        test.addCleanup(self.kill)

    def run(self, *command, **more):
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, preexec_fn=dies_with_the_test, **more)
        log.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError((self.folder / "server.log").read_text()[-2000:])
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0 and self.answers():
                    return
            time.sleep(0.01)
        raise AssertionError("the server does not answer")

    def answers(self):
        return True

    def kill(self, number=signal.SIGKILL):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=30)
        self.process = None


class Cable:
    """Between a client and a server; cut, it takes in all that is sent and hands nothing on, and nobody is told."""

    def __init__(self, test, port):
        self.to, self.ends, self.cut = port, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        test.addCleanup(self.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.ends += [client, server]
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client), daemon=True).start()

    def carry(self, from_, to):
        lost = False
        try:
            while piece := from_.recv(65536):
                lost = lost or self.cut
                if not lost:
                    to.sendall(piece)
            if not lost:
                to.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        for one in (self.listener, *self.ends):
            one.close()


class PostgreSql(Server):
    def __init__(self, test, folder, password=None):
        super().__init__(test, folder)
        self.run_as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        parent = self.folder
        while self.run_as and parent != parent.parent:
            parent.chmod(parent.stat().st_mode | 0o711)
            if parent.name.startswith("tmp"):
                break
            parent = parent.parent
        if self.run_as:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = self.folder / "data"
        more = []
        if password:
            secret = self.folder / "password"
            secret.write_text(password)
            secret.chmod(0o644)
            more = ["-A", "scram-sha-256", f"--pwfile={secret}"]
        subprocess.run([*self.run_as, str(POSTGRES / "initdb"), "-D", str(self.data), "-U", "u", *(more or ["-A", "trust"]), "--no-sync",
                        "--locale=C.UTF-8", "-E", "UTF8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.start()

    def start(self):
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        self.run(*as_user, POSTGRES / "postgres", "-D", self.data, "-p", self.port, "-c", "listen_addresses=127.0.0.1", "-c",
                 f"unix_socket_directories={self.folder}", cwd="/")

    def answers(self):
        return "ready to accept connections" in (self.folder / "server.log").read_text().split("starting PostgreSQL")[-1]

    def stop(self):
        self.kill(signal.SIGINT)

    def kill(self, number=signal.SIGQUIT):
        # Its children end with it; SIGKILL would leave them and their shared memory behind.
        super().kill(number)

    def signal(self, number):
        """To all its processes: with SIGSTOP it keeps its connections, and says nothing any more."""
        main = self.process.pid
        children = [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]
        for pid in (main, *children):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    @property
    def url(self):
        return f"postgresql://u@127.0.0.1:{self.port}/postgres"

    def sql(self, statement, password=None, url=None):
        environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
        done = subprocess.run([POSTGRES / "psql", "-X", "-q", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", "-d", url or self.url, "-c", statement],
                              capture_output=True, text=True, env=environment, cwd="/")
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()
