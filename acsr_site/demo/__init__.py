"""The demo: its people and what happened to them, and time that passes at a press of a button.

``cast`` says who there is; ``accounts``, ``tickets``, ``traces``, ``events``, ``messages`` and
``chain`` make their rows around one ``scene``; ``loading`` writes them all at once.
"""

from acsr_site.demo.clock import let_time_pass
from acsr_site.demo.listing import Person, people

__all__ = ["Person", "let_time_pass", "people"]
