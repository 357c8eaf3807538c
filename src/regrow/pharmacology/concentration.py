"""A concentration and where its blood was drawn. The site is part of the type, so that sites cannot mix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .errors import MixedSites

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Concentration:
    """One analyte in ng/mL, shaped (subject, time). Use `Arterial` or `Venous`, never this."""

    analyte: str
    ng_per_ml: Floats
    site: ClassVar[str] = ""

    def plus(self: "S", other: "S") -> "S":
        """The two together, such as both enantiomers. Raises `MixedSites`."""
        if type(self) is not type(other):
            raise MixedSites(
                f"{self.analyte} is {self.site} and {other.analyte} is {other.site}; take both from models "
                "sampled at one site"
            )
        return type(self)(f"{self.analyte} + {other.analyte}", self.ng_per_ml + other.ng_per_ml)


class Arterial(Concentration):
    """From a model fitted to arterial blood."""

    site = "arterial"


class Venous(Concentration):
    """From a model fitted to venous blood."""

    site = "venous"


S = TypeVar("S", bound=Concentration)
SITES: Mapping[str, type[Arterial] | type[Venous]] = {"arterial": Arterial, "venous": Venous}


@dataclass(frozen=True)
class Profile(Generic[S]):
    """All analytes of one model on one grid of times, hours after the start of the history."""

    times_h: Floats
    analytes: Mapping[str, S]
    warnings: Sequence[str]

    def of(self, site: type[S]) -> "Profile[S]":
        """Itself, if every analyte is of this site. Raises `MixedSites`."""
        for found in self.analytes.values():
            if not isinstance(found, site):
                raise MixedSites(
                    f"{found.analyte} is {found.site}; here {site.site} concentrations are needed: take a "
                    f"model sampled there"
                )
        return self
