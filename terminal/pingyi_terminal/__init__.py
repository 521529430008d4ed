"""The screens: seat, chair console and hall display."""
