"""Adding an address: nothing is on file before its code (attacks.md 6, 7, 19, 20)."""

import pytest
from django.utils import timezone

from accounts import errors, normalise, policy
from accounts.enums import ContactKind
from accounts.models import Challenge, Contact, User
from accounts.services import budgets, challenges, new_contacts, restrictions, sessions
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.threads import run_at_once
from outbox.enums import Channel
from outbox.models import Message

pytestmark = pytest.mark.django_db

HERE = "accounts.tests.services.test_new_contacts"
NEW = "New@example.net"


def begin(user, value=NEW, *, may_tell=True, is_strong=False):
    return new_contacts.begin(
        user,
        normalise.address(value),
        client=make_client(),
        is_strong=is_strong,
        may_tell=may_tell,
    )


def confirm(user, name, code, *, is_strong=False):
    return new_contacts.confirm(user, name, code, client=make_client(), is_strong=is_strong)


def sent_code():
    return Message.objects.latest("pk").secrets["code"].replace("-", "")


def add(user, value=NEW):
    return confirm(user, begin(user, value), sent_code())


def disputed(user):
    return True


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def test_address_is_on_file_once_its_code_is_typed(maria):
    name = begin(maria)
    before = maria.contacts.count()

    contact = confirm(maria, name, sent_code())

    message = Message.objects.get()
    assert before == 1
    assert (message.kind, message.address) == ("accounts.contact_code", NEW)
    assert (contact.value, contact.match_key, contact.signs_in) == (NEW, NEW.lower(), False)
    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER
    assert (maria.epoch, User.objects.get().epoch) == (2, 2)


def test_code_for_a_phone_goes_by_text_message_and_it_names_an_account_without_one(maria):
    contact = add(maria, "+49 151 23456789")

    message = Message.objects.get()
    assert (message.channel, message.address) == (Channel.SMS, "+4915123456789")
    assert (contact.kind, contact.signs_in) == (ContactKind.PHONE, True)


def test_phone_that_another_account_signs_in_with_is_added_and_names_only_that_one(maria):
    make_user(phone="+4915123456789")

    assert not add(maria, "+4915123456789").signs_in


def test_primary_address_of_another_account_is_added_as_a_plain_contact():
    make_user(email="new@example.net")
    nameless = make_user(email=None, external_id="m-4711")

    assert not add(nameless).signs_in


def test_user_name_of_another_account_is_no_name_for_this_one():
    make_user(email=None, external_id="new@example.net")
    nameless = make_user(email=None, external_id="m-4711")

    assert not add(nameless).signs_in


def test_address_that_is_there_is_refused_to_who_may_know(maria):
    with pytest.raises(errors.OnFileAlready):
        begin(maria, "Maria@EXAMPLE.org")

    assert Message.objects.count() == 0


def test_address_that_is_there_gets_its_code_where_it_is_masked(maria):
    old = maria.contacts.get()
    name = begin(maria, "maria@example.org", may_tell=False)

    again = confirm(maria, name, sent_code())

    assert (again.pk, again.counts_from) == (old.pk, old.counts_from)
    assert maria.epoch == 1
    assert maria.contacts.count() == 1


def test_another_spelling_of_a_mailbox_is_added_and_known_as_the_same(maria):
    contact = add(maria, "maria+two@example.org")

    assert new_contacts.same_mailbox(maria, contact).value == "maria@example.org"
    assert new_contacts.same_mailbox(maria, add(maria, "else@example.net")) is None


def test_suspended_address_does_not_come_back(maria):
    make_contact(maria, NEW, suspended_at=timezone.now())
    name = begin(maria)

    with pytest.raises(errors.Forbidden):
        confirm(maria, name, sent_code())

    assert not Contact.objects.on_file().filter(match_key=NEW.lower()).exists()


@pytest.mark.parametrize("code", ["", "00000000", "x" * 40])
def test_wrong_code_adds_nothing(maria, code):
    name = begin(maria)

    with pytest.raises(errors.WrongCode):
        confirm(maria, name, code)

    assert maria.contacts.count() == 1


def test_five_wrong_codes_end_it_for_the_right_one_too(maria):
    name = begin(maria)
    for _ in range(5):
        with pytest.raises(errors.WrongCode):
            confirm(maria, name, "00000000")

    with pytest.raises(errors.ChallengeExhausted):
        confirm(maria, name, sent_code())

    assert maria.contacts.count() == 1


def test_code_of_another_try_is_refused(maria):
    first = begin(maria, "one@example.net")
    code = sent_code()
    second = begin(maria, "two@example.net")

    with pytest.raises(errors.WrongCode):
        confirm(maria, second, code)

    assert confirm(maria, first, code).value == "one@example.net"


def test_code_of_another_purpose_is_refused(maria):
    name = begin(maria)
    subject = new_contacts.SUBJECT.format(name)
    challenges.issue(
        policy.SECOND_STEP_CODE, subject, normalise.address(NEW), client=make_client(), user=maria
    )

    with pytest.raises(errors.WrongCode):
        confirm(maria, name, sent_code())


def test_code_of_another_account_is_refused(maria):
    name = begin(make_user())

    with pytest.raises(errors.AccountChanged):
        confirm(maria, name, sent_code())

    assert maria.contacts.count() == 1


def test_change_of_the_account_ends_the_try(maria):
    name = begin(maria)
    sessions.raise_epoch(maria)

    assert new_contacts.current(maria, name) is None
    with pytest.raises(errors.WrongCode):
        confirm(maria, name, sent_code())


def test_session_that_another_change_ended_adds_nothing(maria):
    name = begin(maria)
    code = sent_code()
    stale = User.objects.get()
    sessions.raise_epoch(maria)
    Challenge.objects.update(epoch=maria.epoch)  # as if sent after that change

    with pytest.raises(errors.AccountChanged):
        confirm(stale, name, code)


def test_waiting_code_is_found_by_its_own_account_alone(maria):
    name = begin(maria)

    assert new_contacts.current(maria, name).address == NEW
    assert new_contacts.current(make_user(), name) is None
    assert new_contacts.current(maria, "guessed") is None


def test_newer_code_replaces_the_older(maria):
    name = begin(maria)
    older = sent_code()
    Challenge.objects.update(sent_at=timezone.now() - policy.CONTACT_CODE.resend_after)
    new_contacts.resend(maria, new_contacts.current(maria, name), client=make_client())

    with pytest.raises(errors.WrongCode):
        confirm(maria, name, older)

    assert confirm(maria, name, sent_code()).value == NEW


def test_newer_code_is_refused_within_the_minute_and_costs_nothing(maria):
    name = begin(maria)

    with pytest.raises(errors.ResendTooSoon):
        new_contacts.resend(maria, new_contacts.current(maria, name), client=make_client())

    assert budgets.peek(policy.NEW_CONTACT_CODES, str(maria.pk)) == 1


def test_codes_of_an_account_are_counted_over_all_addresses(maria):
    for number in range(policy.NEW_CONTACT_CODES.limit):
        begin(maria, f"one{number}@example.net")

    with pytest.raises(errors.LimitReached):
        begin(maria)

    assert Message.objects.count() == policy.NEW_CONTACT_CODES.limit


def test_codes_to_one_mailbox_are_counted_over_accounts_and_spellings():
    for number in range(policy.NEW_CONTACT_CODES_PER_CONTACT.limit):
        begin(make_user(), f"victim+{number}@example.net")

    with pytest.raises(errors.LimitReached):
        begin(make_user(), "Victim@example.net")


def test_text_messages_to_one_number_are_fewer():
    for _ in range(policy.NEW_CONTACT_SMS_PER_NUMBER.limit):
        begin(make_user(), "+4915123456789")

    with pytest.raises(errors.LimitReached):
        begin(make_user(), "+4915123456789")


def test_account_has_room_for_so_many_and_no_more(maria):
    for _ in range(policy.CONTACTS_MOST - 2):
        make_contact(maria)
    make_contact(maria, removed_at=timezone.now())
    first, second = begin(maria, "one@example.net"), None
    first_code = sent_code()
    second = begin(maria, "two@example.net")
    second_code = sent_code()
    confirm(maria, first, first_code)

    with pytest.raises(errors.TooMany):
        begin(maria)
    Challenge.objects.update(epoch=maria.epoch)
    with pytest.raises(errors.TooMany):
        confirm(maria, second, second_code)


def test_disputed_account_adds_only_by_two_strong_proofs(maria, settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]

    with pytest.raises(errors.Forbidden):
        begin(maria)

    name = begin(maria, is_strong=True)
    with pytest.raises(errors.Forbidden):
        confirm(maria, name, sent_code())
    assert maria.contacts.count() == 1


def test_disputed_account_adds_by_two_strong_proofs(maria, settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]
    name = begin(maria, is_strong=True)

    assert confirm(maria, name, sent_code(), is_strong=True).value == NEW


def test_account_that_was_frozen_meanwhile_adds_nothing(maria):
    name = begin(maria)
    code = sent_code()
    restrictions.freeze(maria, "report", make_client())
    Challenge.objects.update(epoch=maria.epoch)

    with pytest.raises(errors.Forbidden):
        confirm(maria, name, code)


@pytest.mark.django_db(transaction=True)
def test_right_code_in_parallel_adds_one_contact():
    maria = make_user()
    name, users = begin(maria), [User.objects.get() for _ in range(4)]
    code = sent_code()

    answers = run_at_once(4, lambda number: confirm(users[number], name, code))

    assert sum(isinstance(answer, Contact) for answer in answers) == 1
    assert maria.contacts.filter(match_key=NEW.lower()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_add_one_phone_at_once_do_not_both_sign_in_with_it():
    users = [make_user(), make_user()]
    names, codes = [], []
    for user in users:
        names.append(begin(user, "+4915123456789"))
        codes.append(sent_code())

    answers = run_at_once(2, lambda number: confirm(users[number], names[number], codes[number]))

    assert sorted(answer.signs_in for answer in answers) == [False, True]
