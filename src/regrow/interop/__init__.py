"""Read and write healthcare standards: FHIR R4 and HL7 version 2. No other package does.

Input: a decoded Bundle, Observations, an ORU^R01. Output: `BundleImport` (the patient, imported facts, skipped
resources and why), `MonitorMessage` (vital signs under session-log names), and each standard's acknowledgment.
"""

from .bundle import BadBundle, BundleImport, ImportedFact, ImportedPatient, Left, read_bundle
from .hl7v2 import acknowledgement, oru_of, read_oru
from .monitor import (
    DUPLICATE_KEY,
    INTERNAL,
    NOT_A_VALUE,
    UNKNOWN_KEY,
    BadMessage,
    MonitorMessage,
    MonitorReading,
)
from .observations import outcome, read_observations

__all__ = [
    "DUPLICATE_KEY",
    "INTERNAL",
    "NOT_A_VALUE",
    "UNKNOWN_KEY",
    "BadBundle",
    "BadMessage",
    "BundleImport",
    "ImportedFact",
    "ImportedPatient",
    "Left",
    "MonitorMessage",
    "MonitorReading",
    "acknowledgement",
    "oru_of",
    "outcome",
    "read_bundle",
    "read_observations",
    "read_oru",
]
