"""Addresses of portal; each view names who may open it."""

from django.urls import path

from . import checkin, consent, home, intake, phone_checkin, public, sharing
from .learn import how_it_works, model
from .learn import views as learn

urlpatterns = [
    path("", public.home, name="home"),
    path("contact/", public.contact, name="contact"),
    path("contact/sent/", public.contact_sent, name="contact-sent"),
    path("contact/help/", public.contact_help, name="contact-help"),
    path("learn/", learn.pages, name="learn"),
    path("learn/getting-started/", learn.getting_started, name="getting-started"),
    path("learn/how-ketamine-works/", how_it_works.how_it_works, name="how-it-works"),
    path("learn/how-ketamine-works/short/", how_it_works.how_it_works_short, name="how-it-works-short"),
    path("learn/how-ketamine-works/data/", how_it_works.how_it_works_data, name="how-it-works-data"),
    path("learn/model/", model.model, name="model"),
    path("learn/compare/", learn.compare_treatments, name="compare-treatments"),
    path("learn/<slug:page_id>/", learn.page, name="learn-page"),
    path("evidence/", learn.evidence, name="evidence"),
    path("evidence/star-d/", learn.star_d, name="star-d"),
    path("c/<str:token>/", checkin.begin, name="checkin"),
    path("c/<str:token>/<int:number>/", checkin.item, name="checkin-item"),
    path("c/<str:token>/help/", checkin.help_now, name="checkin-help"),
    path("c/<str:token>/done/", checkin.done, name="checkin-done"),
    path("p/<str:token>/", home.page, name="my-page"),
    path("p/<str:token>/call/", home.request_call, name="request-call"),
    path("p/<str:token>/consent/", consent.consent, name="consent"),
    path("p/<str:token>/share/", sharing.share_plan, name="share-plan"),
    path("p/<str:token>/choose/", home.edit_aftercare_plan, name="aftercare-plan"),
    path("t/<str:token>/", sharing.shared_plan, name="shared-plan"),
    path("i/<str:token>/", intake.begin, name="intake"),
    path("i/<str:token>/visit/", intake.video_visit, name="video-visit"),
    path("i/<str:token>/<slug:place>/", intake.step, name="intake-step"),
    path("post/call/<str:token>/", phone_checkin.begin, name="call-begin"),
    path("post/call/<str:token>/born/", phone_checkin.birth_date, name="call-birth-date"),
    path("post/call/<str:token>/help/", phone_checkin.help_option, name="call-help"),
    path("post/call/<str:token>/<int:number>/", phone_checkin.answer_key, name="call-key"),
]
