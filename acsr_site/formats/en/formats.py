"""How the admin writes dates: short enough for a list with three, 24 hours like the pages."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
