"""The looks: dark, light and high contrast, in colors that color-blind eyes tell apart.

Meaning is in words and marks first; color only repeats it.
"""

from __future__ import annotations

from textual.theme import Theme

VARIABLES = {
    "verdict-fits": "#7FB3D5",
    "verdict-tight": "#E0A030",
    "verdict-over": "#E06090",
    "focus-line": "#8FC7FF",
}
"""What every theme needs here; the framework's own themes get these."""

THEMES = (
    Theme(
        name="assistant-dark",
        primary="#7FB3D5",
        secondary="#B0B8C0",
        warning="#E0A030",
        error="#E06090",
        success="#7FB3D5",
        accent="#8FC7FF",
        foreground="#D8DEE4",
        background="#12171C",
        surface="#12171C",
        panel="#1C242C",
        dark=True,
        variables=VARIABLES,
    ),
    Theme(
        name="assistant-light",
        primary="#1F5F8B",
        secondary="#46525C",
        warning="#8A5A00",
        error="#9C1F55",
        success="#1F5F8B",
        accent="#0B4F8A",
        foreground="#14191E",
        background="#FAFAF7",
        surface="#FAFAF7",
        panel="#ECEEEA",
        dark=False,
        variables={
            "verdict-fits": "#1F5F8B",
            "verdict-tight": "#8A5A00",
            "verdict-over": "#9C1F55",
            "focus-line": "#0B4F8A",
        },
    ),
    Theme(
        name="assistant-contrast",
        primary="#FFFFFF",
        secondary="#FFFFFF",
        warning="#FFD75F",
        error="#FF87D7",
        success="#87D7FF",
        accent="#87FFFF",
        foreground="#FFFFFF",
        background="#000000",
        surface="#000000",
        panel="#000000",
        dark=True,
        variables={
            "verdict-fits": "#87D7FF",
            "verdict-tight": "#FFD75F",
            "verdict-over": "#FF87D7",
            "focus-line": "#87FFFF",
        },
    ),
)
