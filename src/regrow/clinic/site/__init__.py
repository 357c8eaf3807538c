"""What every desk shares: settings, access, errors, the clock, the look."""
