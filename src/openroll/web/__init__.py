from typing import Any

web_handlers: tuple[Any, ...] = ()


def web_config() -> dict[str, Any]:
    return {}
