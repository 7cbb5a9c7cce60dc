"""The demo's outbox: whoever tries the portal out reads here what it would have sent. Not there in production."""
