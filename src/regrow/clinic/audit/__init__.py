"""Who did what to which chart, when: append-only, hash-chained, in the transaction of the act itself."""
