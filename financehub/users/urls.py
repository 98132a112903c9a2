"""The pages of people and their accounts."""

from django.urls import path

from financehub.users import views

app_name = "users"
urlpatterns = [
    path("login", views.login, name="login"),
    path("register", views.register, name="register"),
    path("logout", views.logout, name="logout"),
    path("appearance", views.appearance, name="appearance"),
    path("settings", views.settings_page, name="settings"),
    path("settings/password", views.change_password, name="password"),
    path("settings/gost", views.gost_mode, name="gost-mode"),
    path("admin/login/", views.admin_login, name="admin-login"),
]
