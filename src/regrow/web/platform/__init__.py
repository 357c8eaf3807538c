"""What every app builds on: settings, access gate, clock, database, jobs, formats. Imports no other app."""
