"""Addresses of platform; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("static/regrow/style.css", views.style, {"for_staff": False}, name="style"),
    path("static/regrow/staff.css", views.style, {"for_staff": True}, name="staff-style"),
    path("language/<slug:code>/", views.language, name="language"),
]
