"""Stands in for the programs of the stack inside the test images: same names, ports, probes and log lines.

The server is devkit's own embedded one, with its data put by in Postgres while no container has it; Postgres and Redis
are real, not here. `faults: {service: exit:3}` in any
section of the configuration makes an OpenMeter process misbehave; in a section that only one reads, only that one.
"""

import base64
import io
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

DATA = Path("/var/lib/openmeter")
SERVE = Path("/usr/local/lib/serve.py")
# As OpenMeter's migrations make it, but for the reference to its other tables.
APP_STRIPES = """
CREATE TABLE IF NOT EXISTS app_stripes (
  id character(26) PRIMARY KEY, namespace character varying NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, deleted_at timestamptz NULL, stripe_account_id character varying NOT NULL,
  stripe_livemode boolean NOT NULL, api_key character varying, stripe_webhook_id character varying NOT NULL,
  webhook_secret character varying, masked_api_key character varying NOT NULL,
  CONSTRAINT app_stripe_secret_lifecycle CHECK (
    (deleted_at IS NULL AND api_key IS NOT NULL AND webhook_secret IS NOT NULL)
    OR (deleted_at IS NOT NULL AND api_key IS NULL AND webhook_secret IS NULL)))
"""


def write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    write(f'time={time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())} level=INFO msg="{message}"')


class Always(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"Ok.\n")

    def log_message(self, *_: object) -> None:
        pass


def answer_http(port: int, status: int = 200) -> None:
    handler = type("Handler", (Always,), {"status": status})
    ThreadingHTTPServer(("", port), handler).serve_forever()


def configuration(arguments: list[str]) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(Path(arguments[arguments.index("--config") + 1]).read_text())
    return config


def misbehave(config: dict[str, Any], service: str) -> bool:
    """Does what the configuration's fault asks for; returns whether the process answers its probe well."""
    sections = [section.get("faults", {}) for section in config.values() if isinstance(section, dict)]
    fault, _, value = next((each[service] for each in sections if service in each), "").partition(":")
    if fault == "exit":
        say(f"{service} gives up")
        sys.exit(int(value))
    if fault == "full":
        write(f"write {value}: no space left on device")
        sys.exit(1)
    if fault == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1) * 16_000_000))
    if fault == "slow":
        time.sleep(float(value))
    return fault != "sick"


def ask(url: str, statement: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["psql", url, "-qtA1", "-v", "ON_ERROR_STOP=1"], input=statement, capture_output=True, text=True, check=False
    )


def address(config: dict[str, Any]) -> str:
    return str(config["postgres"]["url"]).replace("&pool_max_conns=24", "")


def database(config: dict[str, Any], statement: str) -> str:
    """Asks Postgres as the configuration says: a wrong password or a database that is not there ends the process."""
    done = ask(address(config), statement)
    if done.returncode:
        say(f"cannot use the database: {done.stderr.strip()}")
        sys.exit(1)
    return done.stdout.strip()


def server(arguments: list[str]) -> None:
    config = configuration(arguments)
    well = misbehave(config, "openmeter")
    if not database(config, "SELECT to_regclass('schema_om')"):
        say("the database was not migrated")
        sys.exit(1)
    if not well:
        answer_http(8888, 503)
    say(f"starting OpenMeter server, apps.baseURL={config['apps']['baseURL']}")
    fetch_data(config)
    own = {"PYTHONPATH": "/app", "DEVKIT_APPS_BASE_URL": config["apps"]["baseURL"], "STANDIN_POSTGRES": address(config)}
    environment = {**os.environ, **own}
    inner = [sys.executable, str(SERVE), "serve", "--port", "8889", "--data", str(DATA)]
    child = subprocess.Popen(inner, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=forward, args=(8888, 8889), daemon=True).start()
    code = child.wait()
    put_data_by(config)
    sys.exit(code)


def fetch_data(config: dict[str, Any]) -> None:
    """A new container has none; what the one before left is in Postgres, as all is that OpenMeter keeps."""
    database(config, "CREATE TABLE IF NOT EXISTS standin_data (archive text)")
    if any(DATA.iterdir()) or not (archive := database(config, "SELECT archive FROM standin_data")):
        return
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(archive))) as tar:
        tar.extractall(DATA)


def put_data_by(config: dict[str, Any]) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        tar.add(DATA, ".")
    text = base64.b64encode(archive.getvalue()).decode()
    database(config, f"TRUNCATE standin_data; INSERT INTO standin_data VALUES ('{text}')")


def forward(outside: int, inside: int) -> None:
    """devkit serve listens on the loopback address alone."""

    class Pipe(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                with socket.create_connection(("127.0.0.1", inside)) as upstream:
                    back = threading.Thread(target=pump, args=(upstream, self.request))
                    back.start()
                    pump(self.request, upstream)
                    back.join()
            except OSError:
                pass

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
        request_queue_size = 256

    Server(("", outside), Pipe).serve_forever()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def worker(name: str, arguments: list[str]) -> None:
    config = configuration(arguments)
    well = misbehave(config, name)
    database(config, "SELECT 1")
    say(f"starting OpenMeter {name}, sections={','.join(sorted(config))}")
    answer_http(10000, 200 if well else 503)


def jobs(arguments: list[str]) -> None:
    config = configuration(arguments)
    name = "migrate" if arguments[-1] == "migrate" else "jobs"
    misbehave(config, name)
    if name == "migrate":
        database(config, f"CREATE TABLE IF NOT EXISTS schema_om (version int); {APP_STRIPES}")
        say("database migrated successfully")
        return
    say("Collecting invoices")
    threading.Event().wait()


class Broker(socketserver.BaseRequestHandler):
    """Answers ApiVersions (key 18) as a broker does and hangs up on everything else."""

    def handle(self) -> None:
        request = self.request.recv(1024)
        if len(request) >= 12 and request[4:6] == b"\x00\x12":
            keys = [(key, 0, key % 7 + 1) for key in range(20)]
            rows = b"".join(number.to_bytes(2, "big") for row in keys for number in row)
            body = request[8:12] + b"\0\0" + len(keys).to_bytes(4, "big") + rows
            self.request.sendall(len(body).to_bytes(4, "big") + body)


def kafka() -> None:
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    say("Kafka Server started")
    Server(("", 9092), Broker).serve_forever()


def consumer_groups(arguments: list[str]) -> None:
    note("/var/lib/kafka/data", "kafka-consumer-groups " + " ".join(arguments))
    if "--describe" in arguments:
        write("GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID")
        write("openmeter-sink-worker om_default_events 0 40 42 2 rdkafka-1 /172.18.0.9 rdkafka")


def clickhouse_client(arguments: list[str]) -> None:
    if not os.environ.get("CLICKHOUSE_PASSWORD"):
        sys.exit("Authentication failed")
    note("/var/lib/clickhouse", "clickhouse-client " + " ".join(arguments))


def note(folder: str, line: str) -> None:
    with Path(folder, "commands.log").open("a") as file:
        file.write(line + "\n")


def svix(arguments: list[str]) -> None:
    if arguments[:1] == ["healthcheck"]:
        os.execvp("wget", ["wget", "-q", "-O", "/dev/null", arguments[1]])
    for name in ("SVIX_JWT_SECRET", "SVIX_DB_DSN", "SVIX_REDIS_DSN"):
        assert os.environ[name], name
    done = ask(os.environ["SVIX_DB_DSN"], "SELECT 1")
    if done.returncode:
        sys.exit(done.stderr)
    say("Listen address set to 0.0.0.0:8071")
    answer_http(8071)


def main() -> None:
    # The first process of a container has no default way to end.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    programs: dict[str, Callable[[], None]] = {
        "openmeter": lambda: server(arguments),
        "openmeter-jobs": lambda: jobs(arguments),
        "kafka": kafka,
        "kafka-consumer-groups": lambda: consumer_groups(arguments),
        "clickhouse": lambda: answer_http(8123),
        "clickhouse-client": lambda: clickhouse_client(arguments),
        "svix-server": lambda: svix(arguments),
    }
    if program := programs.get(name):
        program()
    else:
        worker(name.removeprefix("openmeter-"), arguments)


main()
