"""What stands around the live part where most of a page is left out: on a projector, in a frame."""

from __future__ import annotations

PROJECTOR = """
@media screen {
  [data-projector] :is([data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"]),
  [data-projector] :is([data-testid="stHeader"], .st-key-tabs, .st-key-regime, [data-locked]),
  [data-projector] [class*="st-key-notes"] { display: none; }
  [data-projector] [data-testid="stMainBlockContainer"] { max-width: none; padding: 20px 40px; }
  [data-projector] :is(:has(> .st-key-page), .st-key-page, .st-key-page *) { max-width: none; }
  [data-projector] :is(:has(> .st-key-page), .st-key-page) { width: 100% !important; }
  [data-projector] :is(.st-key-tour, [role=alert]) :is(p, button),
  [data-projector] p[role=alert] { font-size: 22px !important; }
  [data-projector] h1 {
    font-size: clamp(32px, 2.3vw, 46px) !important; line-height: 1.15 !important;
  }
  [data-projector] .st-key-law p { font-size: 26px; }
}
@media screen and (max-height: 800px) {
  [data-projector] .st-key-theory { display: none; }
  [data-projector] [data-testid="stMainBlockContainer"] { padding: 8px 24px; }
}
"""
"""Large type, and nothing but question, law and live part; the live part sets the attribute."""

ALONE = """
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stToolbar"],
[data-testid="stDecoration"], [data-testid="stStatusWidget"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 8px; max-width: none; }
"""
"""The stage alone, in the frame of another page."""
