"""Who does which kind of work, gathered in one place, and the thread that does it."""

from .facts import Worker


def begin() -> Worker:
    """Starts the worker beside the site, with every kind of work there is."""
    learn_who_does_what()
    return Worker().start()


def learn_who_does_what() -> None:
    """Each room names its own work when it is imported."""
    import regrow.clinic.checkin.rounds
    import regrow.clinic.frontdesk.carry
    import regrow.clinic.frontdesk.pipeline
    import regrow.clinic.frontdesk.talks
    import regrow.clinic.treatment.late  # noqa: F401
