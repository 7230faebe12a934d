"""The application for gunicorn: `gunicorn -c service/gunicorn_conf.py service.wsgi:app`."""

from service import home_lock
from service.bootstrap import application
from service.ingest import networks
from service.logs import configure
from service.model import kinds
from service.private import keep_private
from service.settings import load_settings

settings = load_settings()
configure(settings.log_format)
kinds.use(settings.identifiers, settings.phone_region)
networks.use(settings.mmdb)
keep_private(settings.home)
in_use = home_lock.share(settings.home)  # by all processes of this server, until the last one ends
app = application(settings)
