"""Ports for what a test starts."""

import socket


def free_port() -> int:
    """Return a port on the loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
