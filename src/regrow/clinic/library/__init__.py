"""The library: each knowledge file as a person reads it, its history, who signed it, and where it is used."""
