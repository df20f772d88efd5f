# librdkafka's mock cluster as a server of a test, and a proxy that speaks TLS and SASL in front of it.
import os
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path

from program import ROOT
from servers import dies_with_the_test

MOCK = Path(os.environ.get("WEIR_KAFKA_MOCK", ROOT / "build/release/kafka-mock"))

PRODUCE, METADATA = 0, 3
TOO_LARGE, NOT_ENOUGH_REPLICAS = 10, 19


class Kafka:
    """Each method is one command of tests/kafka/kafka-mock.cpp."""

    def __init__(self, test, brokers=1):
        self.process = subprocess.Popen([str(MOCK), str(brokers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        preexec_fn=dies_with_the_test)
        test.addCleanup(self.end)
        self.servers = self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer not in ("failed", "unknown", ""), f"kafka-mock: {words}: {answer}"
        return answer

    def topic(self, name, partitions=1):
        self.ask("topic", name, partitions)

    def committed(self, group, topic, partition=0):
        """The next offset of the group; 0 if it has committed none."""
        return max(0, int(self.ask("committed", group, topic, partition)))

    def read(self, topic, partition=0):
        """(offset, key, text) of every message."""
        self.process.stdin.write(f"read {topic} {partition}\n")
        self.process.stdin.flush()
        found = []
        while (line := self.process.stdout.readline().rstrip("\n")) not in (".", ""):
            offset, key, text = line.split(" ", 2)
            found.append((int(offset), key, text))
        return found


def certificate(folder, address="127.0.0.2"):
    """Files of a certificate for this address that nobody knows, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=weir-test",
                    "-addext", f"subjectAltName=IP:{address}"], check=True, capture_output=True)
    return cert, key


class Front:
    """On 127.0.0.2, at the cluster's own port: TLS and a password in front of a cluster that has neither. What the cluster says of
    its address is turned into this one, so that clients come back here."""

    def __init__(self, test, kafka, cert, key, password=None):
        self.port = int(kafka.servers.rsplit(":", 1)[1])
        self.password, self.asked = password, []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.listener = socket.create_server(("127.0.0.2", self.port))
        test.addCleanup(self.listener.close)
        threading.Thread(target=self.serve, daemon=True).start()
        self.servers = f"127.0.0.2:{self.port}"

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as client, socket.create_connection(("127.0.0.1", self.port)) as server:
                if self.password is not None and not self.signs_in(client, server):
                    return
                threading.Thread(target=self.pump, args=(client, server, None), daemon=True).start()
                self.pump(server, client, (b"127.0.0.1", b"127.0.0.2"))
        except OSError:
            return

    @staticmethod
    def frame(source):
        return Front.exactly(source, struct.unpack(">i", Front.exactly(source, 4))[0])

    @staticmethod
    def put(target, data):
        target.sendall(struct.pack(">i", len(data)) + data)

    @staticmethod
    def exactly(source, size):
        data = b""
        while len(data) < size:
            part = source.recv(size - len(data))
            if not part:
                raise OSError("closed")
            data += part
        return data

    def signs_in(self, client, server):
        """Requests before the password: what versions there are is answered by the cluster, SASL by us."""
        while True:
            request = self.frame(client)
            key, version, correlation = struct.unpack(">hhi", request[:8])
            if key == 18 and version > 0:
                self.put(client, struct.pack(">ihi", correlation, 35, 0))
            elif key == 18:
                self.put(server, request)
                answer = self.frame(server)
                count = struct.unpack(">i", answer[6:10])[0]
                self.put(client, answer[:6] + struct.pack(">i", count + 1) + answer[10:] + struct.pack(">hhh", 17, 0, 0))
            elif key == 17:
                self.put(client, struct.pack(">ihih", correlation, 0, 1, 5) + b"PLAIN")
            elif request.count(b"\0") >= 2 and request.startswith(b"\0"):
                _, user, password = request.split(b"\0", 2)
                self.asked.append((user.decode(), password.decode()))
                if password.decode() != self.password:
                    return False
                client.sendall(struct.pack(">i", 0))
                return True
            else:
                raise OSError(f"request {key} {correlation} before the password")

    @staticmethod
    def pump(source, target, change):
        try:
            while data := source.recv(65536):
                target.sendall(data.replace(*change) if change else data)
        except OSError:
            pass
        finally:
            for one in (source, target):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
