"""RDAP: sites in the registries' standard protocol (RFC 7480, 9082, 9083). A face: it translates, and decides nothing."""

from openroll.rdap.face import PREFIX, http_fault, rdap_handlers, refused_fault

__all__ = ["PREFIX", "http_fault", "rdap_handlers", "refused_fault"]
