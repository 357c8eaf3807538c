"""Patient monitors: which one stands at which chair, and how what it says gets into the session's log."""
