"""The chat page: how a shopper's browser reaches the assistant.

In: requests of browsers. Out: the page, its pictures and streamed replies. Knows nothing of how products are found or
ordered.

Gradio reads its switches when it is imported, so they are set here, before any module of this package imports it: no
telemetry, no version check, no server-side rendering, no record of runs in the browser.
"""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_RUN_HISTORY", "False")
os.environ.setdefault("GRADIO_SSR_MODE", "False")
os.environ.setdefault("GRADIO_MCP_SERVER", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
