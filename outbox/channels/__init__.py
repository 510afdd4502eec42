"""Ways out of the house: each sends one written message or raises ``NotDelivered``."""
