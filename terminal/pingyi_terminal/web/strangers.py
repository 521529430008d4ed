"""Whom the page is for: a browser that was told this very address. Everybody else is turned away.

Any page in the world can make a browser connect to its own machine. Two things tell it apart, and a page cannot forge
them: the ``Host`` that the browser believes it speaks to (another name than ours is DNS rebinding), and the ``Origin``
of the page that opens a WebSocket (which no same-origin policy forbids).
"""

from ipaddress import ip_address

HTTP_PORT = 80


def own_hosts(address: str, port: int) -> frozenset[str]:
    """Return what a browser may call us in ``Host`` when it has connected to this IP address and TCP port.

    The address itself, and ``localhost`` where it is the machine's own loopback; never another name.
    """
    found = ip_address(address.partition("%")[0])
    names = {f"[{found}]" if found.version == 6 else str(found)}  # noqa: PLR2004 - IPv6
    if found.is_loopback:
        names.add("localhost")
    bare = names if port == HTTP_PORT else set()
    return frozenset({f"{name}:{port}" for name in names} | bare)


def is_own_page(host: str, address: str, port: int) -> bool:
    """Whether the ``Host`` of a request is ours."""
    return host.lower() in own_hosts(address, port)


def is_own_script(host: str, origin: str | None, address: str, port: int) -> bool:
    """Whether a WebSocket is opened by our own page: by a page of this very host. No browser leaves the origin out."""
    return is_own_page(host, address, port) and origin is not None and origin.lower() == f"http://{host.lower()}"
