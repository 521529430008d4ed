"""The messages between terminals and server, their signed envelope, and the picture that terminals hold."""
