"""Serve the site with uvicorn; a port in use is one sentence, Ctrl-C a clean stop."""

import os
import socket
import sys
from collections.abc import Callable
from threading import Thread


def _warm_up() -> None:
    from regrow.individual_estimate import warm_up
    from regrow.pharmacology.effects import effects_in_force
    from regrow.pharmacology.figure_series import answers
    from regrow.web.platform.content import knowledge

    warm_up(knowledge)
    answers(effects_in_force(knowledge))


def _require_postgresql() -> None:
    from django.db import connection

    from .runtime import UsageError

    if connection.vendor != "postgresql":
        raise UsageError("--processes: several processes need PostgreSQL; a SQLite file has one writer")


def run(host: str, port: int, *, setup: Callable[[], None], processes: int = 1) -> None:
    """Bind the port first, so that a port in use is reported before anything is created."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as mistake:
        print(
            f"regrow: port {port} on {host} cannot be used ({mistake.strerror}). Stop what uses it, "
            f"or choose another: --port {port + 1 if port < 65535 else port - 1}",
            file=sys.stderr,
        )
        sys.exit(2)
    try:
        setup()
        if processes > 1:
            _require_postgresql()
        from regrow.web.platform.database import hold_open

        held = hold_open()
        Thread(target=_warm_up, daemon=True).start()
        import uvicorn

        print(
            f"Regrow is at http://{'localhost' if host == '127.0.0.1' else host}:{port}/  (Ctrl-C stops it)",
            flush=True,
        )
        config = uvicorn.Config(
            "regrow.web.platform.asgi:application",
            log_level=os.environ.get("REGROW_LOG", "warning"),
            lifespan="on",  # starts the worker and the access log
            timeout_graceful_shutdown=3,
            workers=processes,
        )
        try:
            if processes > 1:
                from uvicorn.supervisors import Multiprocess

                Multiprocess(config, target=uvicorn.Server(config).run, sockets=[listener]).run()
            else:
                uvicorn.Server(config).run(sockets=[listener])
        finally:  # uvicorn ends with KeyboardInterrupt
            if held:
                held.close()
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
    print("\nRegrow has stopped.")
