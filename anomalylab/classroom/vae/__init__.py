"""The exercises of section 4.2, and the checks of its notebook."""
