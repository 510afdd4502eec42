"""The pages of the demo: its people, its mailbox, and what one cannot wait for."""

from collections.abc import Callable
from functools import wraps

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from acsr_site import demo
from acsr_site.dev import elsewhere, guard, mail_server, mailbox

BREAK_SECONDS = 120
HOUR, DAY = 3600, 86_400  # seconds
LENGTHS: dict[str, int | None] = {"hour": HOUR, "day": DAY, "next": None}
# A mail brings its own styles, and must not run or send anything from this origin.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}

View = Callable[..., HttpResponseBase]


def demo_only(view: View) -> View:
    """Answer 404 outside the demo, and to whoever does not sit at this machine."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        if not guard.is_here(request):
            raise Http404
        return view(request, **kwargs)

    return guarded


@demo_only
@require_safe
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    """Show mailbox and people."""
    context = {
        "letters": mailbox.newest(),
        "people": demo.people(),
        "broken_seconds": mail_server.broken_seconds(),
        "places": elsewhere.PLACES,
        "place": request.COOKIES.get(elsewhere.COOKIE, ""),
    }
    return render(request, "dev/home.html", context)


@demo_only
@require_safe
def letter(request: HttpRequest, letter_id: str) -> HttpResponse:
    """Show the text of one message, and where its HTML part is."""
    return render(request, "dev/letter.html", {"letter": _find(letter_id)})


@csp(MAIL_POLICY)
@demo_only
@require_safe
def letter_html(request: HttpRequest, letter_id: str) -> HttpResponse:
    """Show the HTML part alone, as a mail program would, in a sandbox."""
    html = _find(letter_id).html
    if not html:
        raise Http404
    return HttpResponse(html)


@demo_only
@require_POST
def pass_time(request: HttpRequest) -> HttpResponse:
    """Let an hour, a day, or the time until the next due thing pass for the demo's rows."""
    length = request.POST.get("length", "")
    if length in LENGTHS:
        demo.let_time_pass(LENGTHS[length])
        messages.success(request, _("Time has passed for everything in this demo."))
    return redirect("dev:home")


@demo_only
@require_POST
def break_mail(request: HttpRequest) -> HttpResponse:
    """Put the mail server out of order for two minutes."""
    mail_server.break_for(BREAK_SECONDS)
    messages.success(request, _("The mail server answers 421 for two minutes."))
    return redirect("dev:home")


@demo_only
@require_POST
def go_elsewhere(request: HttpRequest) -> HttpResponse:
    """Remember in this browser where it wants to seem to be; anything unknown is here."""
    response = redirect("dev:home")
    key = request.POST.get("place", "")
    if key in elsewhere.PLACES:
        name = elsewhere.PLACES[key].name
        messages.success(request, _("To the portal this browser is now in: %s.") % name)
        response.set_cookie(elsewhere.COOKIE, key, httponly=True, samesite="Lax")
    else:
        messages.success(request, _("To the portal this browser is where it is again."))
        response.delete_cookie(elsewhere.COOKIE, samesite="Lax")
    return response


def _find(letter_id: str) -> mailbox.Letter:
    found = mailbox.find(letter_id)
    if found is None:
        raise Http404
    return found
