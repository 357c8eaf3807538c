"""Real servers on this machine for the tests of messages: SMTP, IMAP (dovecot), and a stand-in that speaks Twilio's format."""

import grp
import json
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ACCOUNT, TOKEN, NUMBER = "ACtest", "not-a-secret", "+15550100000"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class SmtpServer:
    """aiosmtpd with a log of what came; `refuse` answers the next messages with these codes first."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.got: list[EmailMessage] = []
        self.refuse: list[str] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def an_smtp_server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.controller.start()
    try:
        yield server
    finally:
        server.controller.stop()


def dovecot() -> str | None:
    return shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)


@contextmanager
def an_imap_server(folder: Path) -> Iterator[tuple[str, Path]]:
    """A dovecot of its own: (address, the folder new mail is put into)."""
    port = free_port()
    folder.mkdir(parents=True)
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    config = folder / "dovecot.conf"
    config.write_text(
        f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
default_internal_user = {owner.pw_name}
default_login_user = {owner.pw_name}
default_internal_group = {grp.getgrgid(owner.pw_gid).gr_name}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/home
}}
"""
    )
    for name in ("run", "state", "mail/cur", "mail/new", "mail/tmp", "home"):
        (folder / name).mkdir(parents=True)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    for parent in folder.parents:  # the mail's owner must get there
        if parent == Path("/tmp"):
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    process = subprocess.Popen([dovecot() or "dovecot", "-F", "-c", str(config)])
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"imap://clinic:secret@127.0.0.1:{port}/INBOX?tls=none", folder / "mail" / "new"
    finally:
        process.terminate()
        process.wait(timeout=10)


def deliver(where: Path, message: EmailMessage | bytes, name: str) -> None:
    path = where / f"{time.time_ns()}.{name}.here"
    path.write_bytes(message if isinstance(message, bytes) else message.as_bytes())
    owner = where.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


class TextCarrier:
    """Takes messages as Twilio does and refuses what Twilio refuses; `answers` are given first (status, body)."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                given = self.headers.get("Authorization", "").removeprefix("Basic ")
                if b64decode(given).decode() != f"{ACCOUNT}:{TOKEN}":
                    return self._say(401, {"code": 20003, "message": "Authenticate"})
                if carrier.answers:
                    return self._say(*carrier.answers.pop(0))
                carrier.got.append({**form, "path": self.path})
                return self._say(201, {"sid": f"SM{len(carrier.got):032d}", "status": "queued"})

            def _say(self, status: int, body: dict[str, Any]) -> None:
                told = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        port = self.server.server_address[1]
        return f"twilio://{ACCOUNT}:{TOKEN}@127.0.0.1:{port}?from=%2B15550100000&tls=none"


@contextmanager
def a_text_carrier() -> Iterator[TextCarrier]:
    carrier = TextCarrier()
    thread = threading.Thread(target=carrier.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        carrier.server.shutdown()
        carrier.server.server_close()
