"""What other apps may use of accounts."""

from .keys import make_key
from .models import User
from .requests import ChartRequest, MachineRequest, StaffRequest
from .roles import CLINICAL, DECIDES, DESK, EVERYONE, Role

__all__ = [
    "CLINICAL",
    "DECIDES",
    "DESK",
    "EVERYONE",
    "ChartRequest",
    "MachineRequest",
    "Role",
    "StaffRequest",
    "User",
    "make_key",
]
