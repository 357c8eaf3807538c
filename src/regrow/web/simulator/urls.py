"""Addresses of simulator; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("simulator/", views.simulator, name="simulator"),
    path("simulator/<uuid:run_id>/", views.simulation, name="simulation"),
    path("simulator/<uuid:run_id>/state/", views.simulation_state, name="simulation-state"),
    path("simulator/<uuid:run_id>/attach/", views.attach_simulation, name="attach-simulation"),
    path("simulator/<uuid:run_id>/comparison.pdf", views.simulation_pdf, name="simulation-pdf"),
]
