"""Client addresses, rate limits and concurrency limits: pure, shared by the roll's server and the witness's.

No clock, no I/O: the seconds and the headers are handed in.
"""

from openroll.traffic.address import MOST_HOPS, Proxies, client_address, networks, proxies_of, request_address
from openroll.traffic.buckets import Bucket, Buckets
from openroll.traffic.places import Places

__all__ = [
    "MOST_HOPS",
    "Bucket",
    "Buckets",
    "Places",
    "Proxies",
    "client_address",
    "networks",
    "proxies_of",
    "request_address",
]
