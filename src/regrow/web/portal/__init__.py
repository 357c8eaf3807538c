"""Everything a patient sees: public pages, check-ins, intake form, patient page."""
