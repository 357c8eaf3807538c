"""Every address of the site. Each view names who may open it."""

from django.urls import path

from regrow.clinic.chairside import home, rems
from regrow.clinic.chairside import views as chairside
from regrow.clinic.chart import views as chart
from regrow.clinic.checkin import by_phone, duty, intake, own_page, patient_side, share
from regrow.clinic.checkin import views as checkin
from regrow.clinic.frontdesk import inbox, pipeline
from regrow.clinic.frontdesk import views as frontdesk
from regrow.clinic.interview import talk
from regrow.clinic.interview import views as interview
from regrow.clinic.lab import views as lab
from regrow.clinic.learn import how, model
from regrow.clinic.learn import views as learn
from regrow.clinic.ledger import views as ledger
from regrow.clinic.library import views as library
from regrow.clinic.monitors import views as monitors
from regrow.clinic.payer_desk import card
from regrow.clinic.payer_desk import views as payer_desk
from regrow.clinic.treatment import booking, checks, feeds, late, moving, shifts, waiting
from regrow.clinic.treatment import views as treatment

from . import views

urlpatterns = [
    path("", frontdesk.home, name="home"),
    path("write/", frontdesk.write, name="write"),
    path("write/thanks/", frontdesk.thanks, name="thanks"),
    path("write/help/", frontdesk.thanks_help, name="thanks-help"),
    path("learn/", learn.pages, name="learn"),
    path("learn/path/", learn.path, name="path"),
    path("learn/how-ketamine-works/", how.how, name="how"),
    path("learn/how-ketamine-works/short/", how.how_short, name="how-short"),
    path("learn/how-ketamine-works/numbers/", how.how_numbers, name="how-numbers"),
    path("model/", model.model, name="model"),
    path("learn/<slug:page_id>/", learn.page, name="learn-page"),
    path("evidence/", learn.evidence, name="evidence"),
    path("evidence/star-d/", learn.star_d, name="star-d"),
    path("routes/", learn.routes, name="routes"),
    path("lab/", lab.lab, name="lab"),
    path("lab/<uuid:run_id>/", lab.lab_run, name="lab-run"),
    path("lab/<uuid:run_id>/state/", lab.lab_state, name="lab-state"),
    path("lab/<uuid:run_id>/attach/", lab.lab_attach, name="lab-attach"),
    path("lab/<uuid:run_id>/comparison.pdf", lab.lab_pdf, name="lab-pdf"),
    path("static/regrow/style.css", views.style, {"for_staff": False}, name="style"),
    path("static/regrow/staff.css", views.style, {"for_staff": True}, name="staff-style"),
    path("language/<slug:code>/", views.language, name="language"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("c/<str:token>/", patient_side.begin, name="checkin"),
    path("c/<str:token>/<int:number>/", patient_side.item, name="checkin-item"),
    path("c/<str:token>/help/", patient_side.help_now, name="checkin-help"),
    path("c/<str:token>/done/", patient_side.done, name="checkin-done"),
    path("p/<str:token>/", own_page.page, name="patient-page"),
    path("p/<str:token>/call/", own_page.call_me, name="call-me"),
    path("p/<str:token>/consent/", intake.consent, name="consent"),
    path("h/<str:token>/", home.page, name="home-session"),
    path("h/<str:token>/say/", home.say, name="home-say"),
    path("k/<str:token>/", card.send, name="card"),
    path("i/<str:token>/", intake.begin, name="intake"),
    path("i/<str:token>/talk/", intake.talk, name="talk"),
    path("i/<str:token>/<slug:place>/", intake.step, name="intake-step"),
    path("p/<str:token>/share/", share.share, name="share"),
    path("t/<str:token>/", share.shared, name="shared-plan"),
    path("p/<str:token>/choose/", own_page.choose, name="choose"),
    path("today/", views.today, name="today"),
    path("board/", pipeline.board, name="board"),
    path("patients/<uuid:patient_id>/step/", pipeline.step, name="step"),
    path("patients/<uuid:patient_id>/assign/", pipeline.assign, name="assign"),
    path("patients/<uuid:patient_id>/snooze/", pipeline.snooze, name="snooze"),
    path("patients/<uuid:patient_id>/task/", pipeline.task_done, name="task-done"),
    path("inquiries/", frontdesk.inquiries, name="inquiries"),
    path("inquiries/<uuid:inquiry_id>/", frontdesk.inquiry, name="inquiry"),
    path("inquiries/<uuid:inquiry_id>/close/", inbox.close_inquiry, name="close-inquiry"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<uuid:contact_id>/", inbox.thread, name="thread"),
    path("inbox/<uuid:contact_id>/answer/", inbox.answer, name="answer"),
    path("inbox/<uuid:contact_id>/attach/", inbox.attach, name="attach"),
    path("patients/<uuid:patient_id>/write/", inbox.write_to, name="write-to"),
    path("post/call/<str:token>/", by_phone.begin, name="call-begin"),
    path("post/call/<str:token>/born/", by_phone.born, name="call-born"),
    path("post/call/<str:token>/help/", by_phone.help_key, name="call-help"),
    path("post/call/<str:token>/<int:number>/", by_phone.key, name="call-key"),
    path("post/text/", inbox.text_came, name="text-came"),
    path("post/text/arrived/", inbox.text_arrived, name="text-arrived"),
    path("outbox/", frontdesk.outbox, name="outbox"),
    path("patients/", chart.patients, name="patients"),
    path("patients/<uuid:patient_id>/", chart.chart, name="chart"),
    path("patients/<uuid:patient_id>/reach/", chart.reach, name="reach"),
    path("patients/<uuid:patient_id>/interview/", interview.interview, name="interview"),
    path("patients/<uuid:patient_id>/interview/begin/", talk.begin_talk, name="begin-talk"),
    path("patients/<uuid:patient_id>/interview/arrival/", talk.record_arrival, name="record-arrival"),
    path("patients/<uuid:patient_id>/interview/words/", talk.save_words, name="save-words"),
    path("patients/<uuid:patient_id>/interview/end/", talk.end_talk, name="end-talk"),
    path("patients/<uuid:patient_id>/interview/<uuid:talk_id>/", talk.talk_note, name="talk-note"),
    path("patients/<uuid:patient_id>/interview/<uuid:talk_id>/add/", talk.add_note, name="add-note"),
    path("patients/<uuid:patient_id>/record/<slug:kind>/", interview.record_fact, name="record-fact"),
    path("patients/<uuid:patient_id>/asked/", interview.record_asked, name="record-asked"),
    path("patients/<uuid:patient_id>/strike/<uuid:fact_id>/", interview.strike_fact, name="strike-fact"),
    path("patients/<uuid:patient_id>/candidacy/", chart.candidacy, name="candidacy"),
    path("patients/<uuid:patient_id>/plan/", treatment.plan, name="plan"),
    path("patients/<uuid:patient_id>/dosing/", treatment.dosing, name="dosing"),
    path("patients/<uuid:patient_id>/dosing/decide/", treatment.decide, name="decide"),
    path("patients/<uuid:patient_id>/word/", treatment.word, name="word"),
    path("patients/<uuid:patient_id>/ask-score/", treatment.ask_score, name="ask-score"),
    path("patients/<uuid:patient_id>/scales/", checkin.scales, name="scales"),
    path("patients/<uuid:patient_id>/scales/<slug:instrument>/", checkin.rate, name="rate"),
    path("patients/<uuid:patient_id>/coverage/", payer_desk.coverage, name="coverage"),
    path("patients/<uuid:patient_id>/coverage/card/<slug:side>.jpg", card.photo, name="card-photo"),
    path("patients/<uuid:patient_id>/coverage/letter.pdf", payer_desk.letter, name="letter"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/", chairside.session, name="session"),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/log/",
        chairside.session_log,
        name="session-log",
    ),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/note/",
        chairside.session_note,
        name="session-note",
    ),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/events/",
        chairside.add_events,
        name="add-events",
    ),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/override/", chairside.override, name="override"
    ),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems/", rems.form, name="rems-form"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems.pdf", rems.pdf, name="rems-pdf"),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems.json", rems.structured, name="rems-json"
    ),
    path("rems/", rems.due, name="rems"),
    path("calendar/", treatment.calendar, name="calendar"),
    path("chairs/", chairside.chairs, name="chairs"),
    path("chairs/log/", chairside.board_log, name="board-log"),
    path("chairs/live/", chairside.live_stream, name="live"),
    path("chairs/presence/", chairside.presence, name="presence"),
    path("witness/", chairside.witness, name="witness"),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/monitors/", monitors.monitors, name="monitors"
    ),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/confirm/", ledger.confirm, name="ledger-confirm"),
    path("ledger/resolve/", ledger.resolve, name="ledger-resolve"),
    path("ledger/<slug:name>.pdf", ledger.report, name="ledger-report"),
    path("ledger/<slug:form_name>/", ledger.record, name="ledger-record"),
    path("monitors/hl7/", monitors.hl7, name="monitors-hl7"),
    path("monitors/fhir/", monitors.fhir, name="monitors-fhir"),
    path("worker.js", chairside.worker, name="worker"),
    path("patients/<uuid:patient_id>/find/", booking.find, name="find"),
    path("patients/<uuid:patient_id>/book/", booking.book_way, name="book-way"),
    path("patients/<uuid:patient_id>/booster/", moving.booster, name="booster"),
    path("sessions/<uuid:booking_id>/times/", moving.session_times, name="session-times"),
    path("sessions/<uuid:booking_id>/move/", moving.move, name="move"),
    path("sessions/<uuid:booking_id>/off/", moving.call_off, name="call-off"),
    path("sessions/<uuid:booking_id>/late/", late.late, name="late"),
    path("sessions/<uuid:booking_id>/wait/", waiting.wait, name="wait"),
    path("waiting/", waiting.waiting_list, name="waiting"),
    path("waiting/<int:waiting_id>/take/", waiting.take_offer, name="take-offer"),
    path("calendar/shifts/", shifts.shifts, name="shifts"),
    path("feeds/<str:token>/calendar.ics", feeds.feed, name="feed"),
    path("chairs/<uuid:booking_id>/open/", chairside.open_session, name="open-session"),
    path("alerts/", checkin.alerts, name="alerts"),
    path("alerts/duty/", duty.duty, name="duty"),
    path("alerts/<uuid:alert_id>/close/", checkin.close_alert, name="close-alert"),
    path("alerts/<uuid:alert_id>/take/", checkin.take_alert, name="take-alert"),
    path("alerts/<uuid:alert_id>/tried/", checkin.tried_alert, name="tried-alert"),
    path("protocols/", treatment.protocols, name="protocols"),
    path("protocols/checks/", checks.checks, name="checks"),
    path("protocols/estimate/", treatment.estimate_switch, name="estimate-switch"),
    path("protocols/<slug:protocol_id>/shadow/", treatment.shadow, name="shadow"),
    path("protocols/<slug:protocol_id>/sign/", treatment.sign, name="sign"),
    path("knowledge/", library.library, name="library"),
    path("knowledge/<slug:file_kind>/<slug:file_id>/", library.library_file, name="library-file"),
    path("knowledge/<slug:file_kind>/<slug:file_id>/sign/", library.sign_file, name="sign-file"),
    path("outcomes/registry/", treatment.registry, name="registry"),
    path("outcomes/", treatment.outcomes, name="outcomes"),
    path("audit/", views.audit, name="audit"),
    path("components/", views.components, name="components"),
]
handler404 = "regrow.clinic.site.views.not_found"
handler500 = "regrow.clinic.site.views.broken"
