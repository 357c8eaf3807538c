"""The only room that speaks FHIR: a Bundle as hospitals write it, into the facts of a chart.

In: a decoded R4 Bundle. Out: `BundleImport`: the person, the facts taken, and what was left and why.
"""

from .bundle import BadBundle, BundleImport, ImportedFact, ImportedPatient, Left, read_bundle

__all__ = ["BadBundle", "BundleImport", "ImportedFact", "ImportedPatient", "Left", "read_bundle"]
