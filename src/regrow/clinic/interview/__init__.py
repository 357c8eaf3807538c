"""The first talk at the prescriber's desk: the guided hour, its words saved as they are typed, its end and its note."""
