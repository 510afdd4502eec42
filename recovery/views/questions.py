"""The questionnaire, for who has nothing to show."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import LimitReached
from accounts.middleware import PortalRequest
from recovery import policy, wording
from recovery.enums import Reason, TicketState
from recovery.errors import StaleTicket
from recovery.forms.questionnaire import parts
from recovery.forms.questions import QuestionsForm
from recovery.models import RecoveryTicket
from recovery.services import held_passwords, questionnaires
from recovery.views.tickets import HELD_PASSWORDS, with_ticket


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_ticket(TicketState.AWAITING_PROOF)
def questions(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Ask what an owner remembers; all of it is optional and handed in at once."""
    now = timezone.now()
    held = held_passwords.unseal(ticket, request.session.get(HELD_PASSWORDS, ""), now)
    if request.method != "POST":
        if until := questionnaires.rests_until(ticket, now):
            return _rest_page(request, ticket, until)
        return _page(request, ticket, QuestionsForm(initial=_known(ticket)), held)
    form = QuestionsForm(request.POST)
    if form.is_valid():
        answers = form.answers(held)
        # Whatever comes of it: what was typed before an error has been put to its use.
        request.session.pop(HELD_PASSWORDS, None)
        try:
            questionnaires.submit(
                ticket,
                answers,
                form.cleaned_data["note"],
                client=request.client,
                reason=form.cleaned_data["what_happened"],
            )
        except LimitReached as error:
            return _rest_page(request, ticket, error.until)
        except StaleTicket:
            return redirect("recovery:status")
        return redirect("recovery:status")
    held = form.passwords(held)
    request.session[HELD_PASSWORDS] = held_passwords.seal(ticket, held, now)
    return _page(request, ticket, form, held)


def _known(ticket: RecoveryTicket) -> dict[str, str]:
    """Give what the person has said before; who came in by the front door has said nothing."""
    return {} if ticket.reason == Reason.FORGOT else {"what_happened": ticket.reason}


def _page(
    request: PortalRequest, ticket: RecoveryTicket, form: QuestionsForm, held: list[str]
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "parts": parts(form),
        "held": sum(map(bool, held)),
        "more": wording.asked_for(ticket),
        "a_day": policy.QUESTIONNAIRES_A_DAY.limit,
    }
    return render(request, "recovery/questions.html", context)


def _rest_page(request: PortalRequest, ticket: RecoveryTicket, until: datetime) -> HttpResponse:
    """Say from when answers can be sent again, before anybody types them all."""
    context = {"ticket": ticket, "until": until}
    status_code = 429 if request.method == "POST" else 200
    return render(request, "recovery/questions_rest.html", context, status=status_code)
