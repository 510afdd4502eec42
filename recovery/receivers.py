"""Facts from below that touch a running recovery.

None yet: a password sign-in during a ticket cancels nothing (design.md section 2); it shows a
banner, which accounts asks for through ACCOUNT_BANNERS.
"""
