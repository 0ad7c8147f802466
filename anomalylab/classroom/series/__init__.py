"""The exercises of section 4.4, and the checks of its notebook."""
