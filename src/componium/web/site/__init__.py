"""The studio as a static site: its page with pieces that were composed beforehand, for any host of files."""

from __future__ import annotations

from componium.web.site.export import Exported, Site, export_site

__all__ = ["Exported", "Site", "export_site"]
