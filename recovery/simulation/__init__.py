"""Made-up owners and attackers who answer the questionnaire (manage.py simulate_policy).

Everything that judges them is the portal's own: ``grading.grade``, ``risk.assess``,
``policy.decide``. Nothing here touches the database.
"""
