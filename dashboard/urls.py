"""Every address of the console; webhooks and probes come first, for they are asked most."""

from django.urls import URLPattern, URLResolver, path, re_path

from dashboard import health
from dashboard.admin import site as administration
from dashboard.views import (
    accounts,
    attention,
    deliveries,
    media,
    now,
    operations,
    orders,
    people,
    recordings,
    search,
    transcripts,
    webhooks,
)

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(webhooks.ADDRESS, webhooks.webhook, name="webhook"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", now.now, name="now"),
    path("now/region/", now.region, name="now-region"),
    path("order/<str:subject>/<uuid:key>/<str:kind>/", orders.order, name="order"),
    path("recordings/", recordings.recordings, name="recordings"),
    path("recordings/export.csv", recordings.export, name="recordings-csv"),
    path("recordings/<uuid:key>/", recordings.recording, name="recording"),
    path("recordings/<uuid:key>/player/", recordings.recording_player, name="recording-player"),
    path("recordings/<uuid:key>/media/", media.media, name="media"),
    path("transcripts/", transcripts.transcripts, name="transcripts"),
    path("transcripts/export.csv", transcripts.export, name="transcripts-csv"),
    path("transcripts/<uuid:key>/", transcripts.transcript, name="transcript"),
    path("transcripts/<uuid:key>/<slug:form>/", transcripts.transcript_file, name="transcript-file"),
    path("order/<str:subject>/<uuid:key>/<str:kind>/check/", orders.check, name="order-check"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/replay/", deliveries.replay_all, name="deliveries-replay"),
    path("deliveries/<uuid:key>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:key>/replay/", deliveries.replay, name="delivery-replay"),
    path("search/", search.search, name="search"),
    path("attention/", attention.attention, name="attention"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<uuid:key>/", accounts.account, name="account"),
    path("accounts/<uuid:key>/sweep/<slug:kind>/", accounts.sweep_now, name="account-sweep"),
    path("accounts/<uuid:key>/test/", accounts.test, name="account-test"),
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
