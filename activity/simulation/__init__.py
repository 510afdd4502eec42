"""Made-up owners and attackers who sign in (manage.py simulate_signins).

What judges them is the portal's own: ``useragents.read`` and ``risk.judge``. Nothing here touches
the database.
"""
