"""The pages of the demo, mounted at /dev/ in the demo alone."""

from django.urls import path

from acsr_site.dev import views

app_name = "dev"
urlpatterns = [
    path("", views.home, name="home"),
    path("mail/<slug:letter_id>/", views.letter, name="letter"),
    path("mail/<slug:letter_id>/html/", views.letter_html, name="letter_html"),
    path("time/", views.pass_time, name="pass_time"),
    path("place/", views.go_elsewhere, name="go_elsewhere"),
    path("break/", views.break_mail, name="break_mail"),
]
