"""The background worker of the site."""

from .jobs import Worker


def start_worker() -> Worker:
    """Start the worker. Each app registers its tasks when it starts (`AppConfig.ready`)."""
    return Worker().start()
