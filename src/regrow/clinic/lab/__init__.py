"""The protocol lab: two courses on the same virtual people, before a protocol is signed for real ones."""
