"""django-appointment, installed as it is: 20 practitioners from eight to six, every full and half hour taken.

`python site.py` makes the database and prints the cookie of somebody signed in; `gunicorn site:application` serves it.
The database is SQLite with every commit on disk, as ours.
"""

import datetime
import pathlib

import django
from django.conf import settings
from django.urls import include, path

HERE = pathlib.Path(__file__).parent
DAYS, STAFF = 60, 20

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Europe/Berlin",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HERE / "peer.db",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", "timeout": 10},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "phonenumber_field",
        "appointment",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402

urlpatterns = [path("appointment/", include("appointment.urls"))]
application = get_wsgi_application()


def prepare():
    from appointment.models import Appointment, AppointmentRequest, Service, StaffMember, WorkingHours
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    # The package comes without migrations.
    call_command("migrate", run_syncdb=True, verbosity=0)
    visit = Service.objects.create(name="Visit", price=0, duration=datetime.timedelta(minutes=15))
    patient = User.objects.create_user("patient", "patient@example.com")
    today = datetime.date.today()
    for number in range(STAFF):
        staff = StaffMember.objects.create(
            user=User.objects.create_user(f"p{number}", f"p{number}@example.com", first_name=f"Number {number}"),
            slot_duration=15,
            lead_time=datetime.time(8),
            finish_time=datetime.time(18),
            work_on_saturday=True,
            work_on_sunday=True,
        )
        staff.services_offered.add(visit)
        for day in range(7):
            WorkingHours.objects.update_or_create(
                staff_member=staff,
                day_of_week=day,
                defaults={"start_time": datetime.time(8), "end_time": datetime.time(18)},
            )
        asked = AppointmentRequest.objects.bulk_create(
            AppointmentRequest(
                date=today + datetime.timedelta(days=day),
                start_time=datetime.time(8 + half // 2, half % 2 * 30),
                end_time=datetime.time(8 + half // 2, half % 2 * 30 + 15),
                service=visit,
                staff_member=staff,
                id_request=f"{number}-{day}-{half}",
            )
            for day in range(DAYS)
            for half in range(20)
        )
        Appointment.objects.bulk_create(
            Appointment(client=patient, appointment_request=one, phone="+49305550100", id_request=one.id_request)
            for one in asked
        )
    browser = Client()
    browser.force_login(patient)
    print(browser.cookies["sessionid"].value)


if __name__ == "__main__":
    prepare()
