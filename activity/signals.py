"""Facts of activity, sent inside the transaction that makes them true, with ``send``."""

from django.dispatch import Signal

# The owner, or who reads a contact of the account, says that something was not them. user (User,
# locked by the sender), client (Client), incident (Incident). Receivers append to incident.done
# what they did, as services.report_facts.Fact; the sender saves it.
incident_reported = Signal()
# The same within the minutes in which a report can be taken back. user, client, incident.
incident_taken_back = Signal()
