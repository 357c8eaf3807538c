"""The patient's side: the weekly check-in, the crisis path and the person's own page. By link, without an account."""
