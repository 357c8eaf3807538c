"""A member of staff, and the key of a machine. Patients have no account; they hold links."""

from django.http import HttpRequest

from .models import User


class ChartRequest(HttpRequest):
    """A request about a person; a view says about whom where the address does not, and by `row_stands` that the
    audit's row of a moment ago tells of this request too.
    """

    about: str
    row_stands: bool


class StaffRequest(ChartRequest):
    """A request to a view that `allowed` opened: somebody has signed in and has one of its roles."""

    user: User


class MachineRequest(ChartRequest):
    """A request to a view that `by_key` opened: a machine has shown its key."""

    machine: str
