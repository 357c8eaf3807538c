"""Addresses of appointments; each view names who may open it."""

from django.urls import path

from . import (
    calendar_feeds,
    late_arrivals,
    manual_views,
    rescheduling,
    series_views,
    staff_schedule,
    waitlist,
)

urlpatterns = [
    path("patients/<uuid:patient_id>/schedule/", series_views.schedule, name="schedule"),
    path("patients/<uuid:patient_id>/schedule/book/", series_views.book_series, name="book-series"),
    path("patients/<uuid:patient_id>/schedule/manual/", manual_views.schedule_manual, name="schedule-manual"),
    path("patients/<uuid:patient_id>/booster/", rescheduling.booster, name="booster"),
    path(
        "appointments/<uuid:appointment_id>/options/",
        rescheduling.appointment_options,
        name="appointment-options",
    ),
    path("appointments/<uuid:appointment_id>/reschedule/", rescheduling.reschedule_view, name="reschedule"),
    path("appointments/<uuid:appointment_id>/cancel/", rescheduling.cancel_view, name="cancel"),
    path("appointments/<uuid:appointment_id>/late/", late_arrivals.running_late, name="running-late"),
    path("appointments/<uuid:appointment_id>/waitlist/", waitlist.set_waitlist, name="set-waitlist"),
    path("waitlist/", waitlist.waitlist, name="waitlist"),
    path("waitlist/<int:waiting_id>/respond/", waitlist.respond_to_offer, name="respond-to-offer"),
    path("settings/staff-schedule/", staff_schedule.staff_schedule, name="staff-schedule"),
    path("feeds/<str:token>/calendar.ics", calendar_feeds.feed, name="feed"),
]
