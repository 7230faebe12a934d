"""The application for gunicorn: `gunicorn -c service/gunicorn_conf.py service.wsgi:app`."""

from service.bootstrap import application
from service.settings import load_settings

app = application(load_settings())
