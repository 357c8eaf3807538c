"""The hash-chained access log."""
