"""Addresses of conversations; each view names who may open it."""

from django.urls import path

from . import webhooks

urlpatterns = [
    path("post/text/", webhooks.sms_received, name="sms-received"),
    path("post/text/arrived/", webhooks.sms_status, name="sms-status"),
]
