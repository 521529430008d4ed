"""The meeting server: sockets, admission, the loop from command to broadcast, and its clock."""
