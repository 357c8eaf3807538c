"""Addresses of platform; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("static/regrow/style.css", views.style, name="style"),
    path("language/<slug:code>/", views.language, name="language"),
]
