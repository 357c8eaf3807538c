"""Work that is done after the page has answered: each piece once, again when it did not succeed, by a thread beside the site."""
