"""What tests stand on: databases, a browser-like client that checks each page, a mail server."""
