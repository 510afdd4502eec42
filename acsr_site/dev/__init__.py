"""The pages and the mail server of the demo; nothing of this exists outside it."""
