"""Which addresses may see the credentials: one origin (scheme, host and port), and nothing else."""

import ipaddress
import re
from urllib.parse import urlsplit

_LONGEST_LABEL = 63
_DEFAULT_PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> tuple[str, str, int]:
    """Return the scheme, host and port of an absolute URL, in lower case and with the port filled in.

    Raises:
        ValueError: the URL has no http scheme, no host, a user, or no valid port.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("not an address of the form https://host")
    port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, parts.hostname.rstrip("."), port


def same_origin(url: str, other: str) -> bool:
    """Return whether two absolute URLs lead to the same origin; False where either is malformed."""
    try:
        return origin_of(url) == origin_of(other)
    except ValueError:
        return False


def check_base_url(url: str) -> None:
    """Check that a URL is an origin that credentials may be sent to.

    Raises:
        ValueError: with what is wrong, as the end of a sentence, without the value.
    """
    if any(ord(character) <= ord(" ") or character == "\\" for character in url):
        raise ValueError("must not contain white space or backslashes")
    try:
        scheme, host, port = origin_of(url)
    except ValueError:
        raise ValueError("must have the form https://host, without user or password") from None
    if not port or not _is_host(host):
        raise ValueError("must name a host, by its name or its usual address, and a port that exists")
    if urlsplit(url).path not in ("", "/") or set("?#") & set(url):
        raise ValueError("must end after the host (and port): without path, query or fragment")
    if _is_link_local(host):
        raise ValueError("must not be a link-local address")
    if scheme == "http" and not _is_loopback(host):
        raise ValueError("must begin with https:// (http:// is for servers on this machine only)")  # ignore-https-check


def _is_host(host: str) -> bool:
    """Return whether a host is an address in its usual form, or a name that is not an address in disguise."""
    if _address(host):
        return True
    labels = host.split(".")
    is_number = re.fullmatch("[0-9]+|0x[0-9a-f]*", labels[-1]) is not None
    return not is_number and all(0 < len(label) <= _LONGEST_LABEL for label in labels)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_link_local(host: str) -> bool:
    address = _address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address is not None and (address.is_link_local or address.is_unspecified)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
