"""Virtual patients through protocols: a trial is a file, a result is reproducible to the last bit."""
