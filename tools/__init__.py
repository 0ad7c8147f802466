"""Commands for maintainers and for opening the course."""
