from django.core.management import call_command

from activity.models import CommonCount, FeatureCount
from activity.tests.factories import make_user
from activity.tests.sign_ins import browser_at, common_counts, own_counts, sign_in


def test_command_makes_the_counts_anew(db, capsys):
    user = make_user()
    sign_in(user, browser_at())
    before = own_counts(user)
    FeatureCount.objects.all().delete()
    CommonCount.objects.all().delete()

    call_command("rebuild_sign_in_counts")

    assert capsys.readouterr().out == "1 sign-ins counted.\n"
    assert (own_counts(user), common_counts()) == (before, before)
