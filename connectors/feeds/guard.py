"""Which addresses a fetch may reach (server-side request forgery): pure.

The check runs on the resolved address at the moment the socket is made, so that a name which resolves to a harmless
address first and to 127.0.0.1 a moment later gains nothing, and it runs again for every redirect.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# Python's `is_global` says yes to these (measured): multicast, NAT64 and 6to4, which lead to any IPv4 address.
_TREACHEROUS: Final = tuple(
    ip_network(block)
    for block in ("224.0.0.0/4", "ff00::/8", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet; anything that is not an address does not."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not any(ip in block for block in _TREACHEROUS if block.version == ip.version)


def is_loopback(host: str) -> bool:
    """Whether a host in an address is this machine: nobody there needs our courtesy."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
