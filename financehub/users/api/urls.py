"""`/api/v1/auth/`."""

from financehub.api.routing import endpoint
from financehub.users.api import views

urlpatterns = [
    endpoint("login", views.LoginView.as_view(), name="auth-login"),
    endpoint("register", views.RegisterView.as_view(), name="auth-register"),
    endpoint("refresh", views.RefreshView.as_view(), name="auth-refresh"),
    endpoint("logout", views.LogoutView.as_view(), name="auth-logout"),
    endpoint("me", views.MeView.as_view(), name="auth-me"),
]
