"""The chart's desk: the person, the facts recorded about them, interview, candidacy and import."""
