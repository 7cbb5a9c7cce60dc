"""The library's pages, its place on the home page, and the way in with a card."""
