"""Internet sessions: residents book a computer at a library branch, sit down, see their time; staff run the room."""
