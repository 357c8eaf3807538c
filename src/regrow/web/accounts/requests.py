"""Typed requests: about a patient, by staff, by a machine."""

from django.http import HttpRequest

from .models import User


class ChartRequest(HttpRequest):
    """A request about a patient. A view sets `about` where the URL does not name the patient, and `row_stands` when a
    recent audit row covers this request.
    """

    about: str
    row_stands: bool


class StaffRequest(ChartRequest):
    """A request to a view opened by `allowed`: the user is signed in and has one of its roles."""

    user: User


class MachineRequest(ChartRequest):
    """A request to a view opened by `by_key`: from a machine with a valid key."""

    machine: str
