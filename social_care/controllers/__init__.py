from . import connect
from . import hours
from . import webhook
