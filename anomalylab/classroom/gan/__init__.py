"""The exercises of section 4.3, and the checks of its notebook."""
