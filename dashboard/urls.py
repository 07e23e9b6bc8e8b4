"""Every address of the console; webhooks and probes come first, for they are asked most."""

from django.urls import URLPattern, URLResolver, path, re_path

from dashboard import health
from dashboard.admin import site as administration
from dashboard.views import media, now, operations, orders, people, webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(webhooks.ADDRESS, webhooks.webhook, name="webhook"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", now.now, name="now"),
    path("now/region/", now.region, name="now-region"),
    path("order/<str:subject>/<uuid:key>/<str:kind>/", orders.order, name="order"),
    path("recordings/<uuid:key>/media/", media.media, name="media"),
    path("order/<str:subject>/<uuid:key>/<str:kind>/check/", orders.check, name="order-check"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<uuid:key>/", operations.operation, name="operation"),
    path("operations/<uuid:key>/cancel/", operations.cancel, name="operation-cancel"),
    path("operations/<uuid:key>/decide/", operations.decide, name="operation-decide"),
    path("sign-in/", people.SignIn.as_view(), name="login"),
    path("sign-out/", people.SignOut.as_view(), name="logout"),
    path("profile/", people.profile, name="profile"),
    path("profile/password/", people.password, name="password"),
    path("setup/<str:token>/", people.setup, name="setup"),
    path("admin/", administration.urls),
]
