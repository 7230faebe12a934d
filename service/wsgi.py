"""The application for gunicorn: `gunicorn -c service/gunicorn_conf.py service.wsgi:app`."""

from service.bootstrap import application
from service.logs import configure
from service.settings import load_settings

settings = load_settings()
configure(settings.log_format)
app = application(settings)
