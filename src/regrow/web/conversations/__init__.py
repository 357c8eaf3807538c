"""Messages in and out, contact points and inquiries."""
