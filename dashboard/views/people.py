"""Signing in and out, one's own password and profile, and the first administrator."""

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard import setup as setup_links
from dashboard.people_forms import FirstAdministratorForm, ProfileForm
from dashboard.requests import OperatorRequest


class SignIn(LoginView):
    """The sign-in form; who has signed in already is sent on."""

    redirect_authenticated_user = True


SignOut = LogoutView


@require_http_methods(["GET", "POST"])
def profile(request: OperatorRequest) -> HttpResponse:
    """Show and change one's own name, time zone and appearance."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "people/profile.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: OperatorRequest) -> HttpResponse:
    """Change one's own password; other sessions of the same person end."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "Your password is changed. Other sessions of yours have ended.")
        return redirect("profile")
    return render(request, "people/password.html", {"form": form})


@sensitive_post_parameters()
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator; the link answers 404 once it is used, late or not ours."""
    if not setup_links.is_valid(token):
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save_first()
        if user is None:
            raise Http404
        login(request, user)
        return redirect("now")
    return render(request, "people/setup.html", {"form": form})
